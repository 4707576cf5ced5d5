"""therapist.*: who works for the practice (scheduling-svc)."""

from __future__ import annotations

from marshmallow import fields

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, identifier


@event("therapist.updated", producer="scheduling-svc", key="therapist_id", phi=True)
class TherapistUpdated(EventSchema):
    """A therapist was added or changed: how they are reached. Carries the whole state."""

    therapist_id = identifier()
    version = fields.Integer(required=True, strict=True)
    name = fields.String(required=True)
    phone = fields.String(allow_none=True, load_default=None, metadata={"description": "E.164"})
    email = fields.String(allow_none=True, load_default=None)
    time_zone = fields.String(required=True, metadata={"description": "IANA name"})
    active = fields.Boolean(load_default=True)
