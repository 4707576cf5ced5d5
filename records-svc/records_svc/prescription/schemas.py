"""Shapes of prescriptions and ledgers on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from fascia.web.schemas import DateField, IdField, InstantField, RequestSchema, TextField
from records_svc.prescription.prescription import Prescriber


class PrescriberSchema(RequestSchema):
    """Who ordered the visits."""

    name = TextField(required=True)
    npi = TextField(at_most=20, required=True, metadata={"description": "National Provider Identifier, 10 digits"})

    @post_load
    def _prescriber(self, data: dict[str, Any], **_: Any) -> Prescriber:
        return Prescriber(**data)


class PrescriptionRequestSchema(RequestSchema):
    """A written order as it came in."""

    claim_id = IdField(load_default=None, allow_none=True, metadata={"description": "omit to open a claim"})
    prescriber = fields.Nested(PrescriberSchema, required=True)
    visits = fields.Integer(required=True, strict=True, validate=validate.Range(1, 200))
    starts_on = DateField(required=True)
    expires_on = DateField(required=True)
    home_visits = fields.Boolean(load_default=False)
    condition_codes = fields.List(
        TextField(at_most=10),
        required=True,
        validate=validate.Length(0, 12),
        metadata={"description": "ICD-10-CM leaves"},
    )


class RevocationSchema(RequestSchema):
    """Why an order no longer holds."""

    reason = TextField(at_most=500, required=True)


class PrescriptionSchema(Schema):
    """A prescription with its state today."""

    id = fields.String(required=True, attribute="prescription.id")
    version = fields.Integer(required=True, attribute="prescription.version")
    state = fields.String(required=True)
    claim_id = fields.String(required=True, attribute="prescription.claim_id")
    patient_id = fields.String(required=True, attribute="prescription.patient_id")
    prescriber = fields.Nested(PrescriberSchema, required=True, attribute="prescription.prescriber")
    visits = fields.Integer(required=True, attribute="prescription.visits")
    starts_on = fields.Date(required=True, attribute="prescription.starts_on")
    expires_on = fields.Date(required=True, attribute="prescription.expires_on")
    home_visits = fields.Boolean(required=True, attribute="prescription.home_visits")
    condition_codes = fields.List(fields.String(), required=True, attribute="prescription.condition_codes")
    received_at = InstantField(required=True, attribute="prescription.received_at")
    verified_at = InstantField(required=True, allow_none=True, attribute="prescription.verified_at")
    verified_by = fields.String(required=True, allow_none=True, attribute="prescription.verified_by")
    revoked_at = InstantField(required=True, allow_none=True, attribute="prescription.revoked_at")
    revoked_because = fields.String(required=True, allow_none=True, attribute="prescription.revoked_because")


class LedgerEntrySchema(Schema):
    """One appointment of the claim."""

    appointment_id = fields.String(required=True)
    starts_at = InstantField(required=True)
    use = fields.String(required=True, metadata={"description": "reserved, consumed or released"})
    session_id = fields.String(required=True, allow_none=True, metadata={"description": "the signed note"})
    cancelled = fields.Boolean(required=True)


class LedgerSchema(Schema):
    """A claim's account in visits. `differences` are contradictions that a person must look into."""

    claim_id = fields.String(required=True, attribute="claim.id")
    version = fields.Integer(required=True, attribute="claim.version")
    patient_id = fields.String(required=True, attribute="claim.patient_id")
    authorised = fields.Integer(required=True, attribute="claim.visits_authorised")
    reserved = fields.Integer(required=True)
    consumed = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    starts_on = fields.Date(required=True, allow_none=True, attribute="claim.starts_on")
    expires_on = fields.Date(required=True, allow_none=True, attribute="claim.expires_on")
    home_visits = fields.Boolean(required=True, attribute="claim.home_visits")
    entries = fields.List(fields.Nested(LedgerEntrySchema), required=True)
    differences = fields.List(fields.String(), required=True)
