"""prescription.*: what a claim allows (records-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, identifier


@event("prescription.activated", producer="records-svc", key="claim_id", phi=False)
class PrescriptionActivated(EventSchema):
    """A verified prescription allows visits on a claim, or an extension changed how many.

    `visits_authorised` counts for the claim as a whole: a new referral on the same claim does not reset it.
    """

    claim_id = identifier()
    version = fields.Integer(required=True, strict=True)
    prescription_id = identifier()
    patient_id = identifier()
    visits_authorised = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    starts_on = fields.Date(required=True)
    expires_on = fields.Date(required=True)
    home_visits = fields.Boolean(required=True)


@event("prescription.revoked", producer="records-svc", key="claim_id", phi=False)
class PrescriptionRevoked(EventSchema):
    """A prescription no longer allows visits; what is already signed stays."""

    claim_id = identifier()
    version = fields.Integer(required=True, strict=True)
    prescription_id = identifier()
    patient_id = identifier()
