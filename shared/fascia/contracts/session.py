"""session.*: treatment that took place and was signed for (records-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier, setting_of_care


class MeasureSchema(EventSchema):
    """Answers of the patient to one instrument. A missing item is left out, never sent as zero."""

    instrument = fields.String(required=True, metadata={"description": "id of the instrument, e.g. NPRS"})
    version = fields.String(
        metadata={"description": "of the instrument, where the sender knows which one was answered"},
    )
    answers = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


@event("session.completed", producer="records-svc", key="session_id", phi=False)
class SessionCompleted(EventSchema):
    """A session note was signed: treatment took place, with these measures. Clinical free text never travels."""

    session_id = identifier(metadata={"description": "the note's id"})
    version = fields.Integer(required=True, strict=True)
    appointment_id = identifier()
    patient_id = identifier()
    therapist_id = identifier()
    claim_id = identifier(required=False, allow_none=True, load_default=None)
    location_id = identifier(required=False, allow_none=True, load_default=None)
    setting = setting_of_care()
    service_type = fields.String(required=True)
    condition_codes = fields.List(fields.String(), required=True, metadata={"description": "ICD-10-CM leaf codes"})
    started_at = Instant(required=True)
    ended_at = Instant(required=True)
    signed_at = Instant(required=True)
    treated_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=480))
    measures = fields.List(fields.Nested(MeasureSchema), required=True)


@event("session.amended", producer="records-svc", key="session_id", phi=False)
class SessionAmended(SessionCompleted):
    """A signed note was amended; carries the whole new state and its version."""
