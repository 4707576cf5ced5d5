"""pay.*: what therapists are paid, without any amount (outcomes-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier


@event("pay.statement.issued", producer="outcomes-svc", key="statement_id", phi=False)
class PayStatementIssued(EventSchema):
    """A therapist's monthly pay statement was issued; amounts stay where the statement is."""

    statement_id = identifier()
    therapist_id = identifier()
    month = fields.String(
        required=True,
        validate=validate.Regexp(r"^20\d{2}-(0[1-9]|1[0-2])$"),
        metadata={"description": "YYYY-MM, the month that is paid"},
    )
    version = fields.Integer(
        required=True, strict=True, metadata={"description": "1: a statement is never changed, only corrected later"}
    )
    issued_at = Instant(required=True)
