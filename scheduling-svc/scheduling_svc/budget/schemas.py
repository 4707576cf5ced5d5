"""The shape of a visit budget on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, IdField


class BudgetPrescriptionSchema(Schema):
    """One prescription of the claim."""

    id = fields.String(required=True)
    visits_authorised = fields.Integer(required=True)
    starts_on = DateField(required=True)
    expires_on = DateField(required=True)
    home_visits = fields.Boolean(required=True)
    revoked = fields.Boolean(required=True)


class BudgetSchema(Schema):
    """The numbers of a claim. `remaining` is authorised less reserved less consumed."""

    claim_id = fields.String(required=True)
    patient_id = fields.String(required=True)
    version = fields.Integer(required=True)
    authorised = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    consumed = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    reserved_visits = fields.List(
        fields.String(), required=True, metadata={"description": "ids of holds and appointments"}
    )
    consumed_visits = fields.List(fields.String(), required=True, metadata={"description": "ids of appointments"})
    prescriptions = fields.List(fields.Nested(BudgetPrescriptionSchema), required=True)


class BudgetQuerySchema(PageQuerySchema):
    """Which budgets."""

    patient_id = IdField(load_default=None)
