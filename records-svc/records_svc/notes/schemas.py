"""Shapes of session notes on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from fascia.web.schemas import IdField, InstantField, RequestSchema, TextField
from records_svc.notes.session_note import RangeOfMotion, Soap, Treatment
from records_svc.vocabulary import AnswerField, CodeField, MeasureSchema

_LONGEST_TEXT = 10_000
_LONGEST_MINUTES = 480


class SoapSchema(RequestSchema):
    """The four parts of a note. A draft may leave some empty, a signature may not."""

    subjective = TextField(at_least=0, at_most=_LONGEST_TEXT, load_default="")
    objective = TextField(at_least=0, at_most=_LONGEST_TEXT, load_default="")
    assessment = TextField(at_least=0, at_most=_LONGEST_TEXT, load_default="")
    plan = TextField(at_least=0, at_most=_LONGEST_TEXT, load_default="")

    @post_load
    def _soap(self, data: dict[str, Any], **_: Any) -> Soap:
        return Soap(**data)


class RangeOfMotionSchema(RequestSchema):
    """One joint movement as measured."""

    joint = CodeField(required=True)
    movement = CodeField(required=True)
    side = fields.String(required=True, validate=validate.OneOf(("left", "right", "midline")))
    degrees = AnswerField(required=True, validate=validate.Range(-180, 360))

    @post_load
    def _rom(self, data: dict[str, Any], **_: Any) -> RangeOfMotion:
        return RangeOfMotion(**data)


class TreatmentFields(RequestSchema):
    """What a note says about the visit."""

    soap = fields.Nested(SoapSchema, required=True)
    techniques = fields.List(CodeField(), load_default=list)
    areas = fields.List(CodeField(), load_default=list)
    treated_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(1, _LONGEST_MINUTES))
    measures = fields.List(fields.Nested(MeasureSchema), load_default=list, validate=validate.Length(0, 20))
    rom = fields.List(fields.Nested(RangeOfMotionSchema), load_default=list, validate=validate.Length(0, 50))


def treatment_of(data: dict[str, Any]) -> Treatment:
    """The content of a note from loaded fields."""
    return Treatment(
        soap=data["soap"],
        techniques=tuple(data["techniques"]),
        areas=tuple(data["areas"]),
        treated_minutes=data["treated_minutes"],
        measures=tuple(data["measures"]),
        rom=tuple(data["rom"]),
    )


class NoteDraftSchema(TreatmentFields):
    """A new note."""

    appointment_id = IdField(required=True)


class NoteEditSchema(TreatmentFields):
    """Other content for a draft."""


class NoteAmendmentSchema(TreatmentFields):
    """Other content for a signed note, and why."""

    reason = TextField(at_most=500, required=True)


class EnteredInErrorSchema(RequestSchema):
    """Why a signed note should not exist."""

    reason = TextField(at_most=500, required=True)


class TreatmentSchema(Schema):
    """What a note says about the visit."""

    soap = fields.Nested(SoapSchema, required=True)
    techniques = fields.List(fields.String(), required=True)
    areas = fields.List(fields.String(), required=True)
    treated_minutes = fields.Integer(required=True)
    measures = fields.List(fields.Nested(MeasureSchema), required=True)
    rom = fields.List(fields.Nested(RangeOfMotionSchema), required=True)


class NoteAmendedSchema(Schema):
    """One amendment, with what the note said before."""

    reason = fields.String(required=True)
    amended_by = fields.String(required=True)
    amended_at = InstantField(required=True)
    before = fields.Nested(TreatmentSchema, required=True)


class NoteSchema(Schema):
    """A session note; its id is the session's id."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    appointment_id = fields.String(required=True)
    patient_id = fields.String(required=True)
    therapist_id = fields.String(required=True)
    state = fields.String(
        required=True, metadata={"description": "draft, signed, amended, discarded or entered_in_error"}
    )
    treatment = fields.Nested(TreatmentSchema, required=True)
    condition_codes = fields.List(fields.String(), required=True)
    written_at = InstantField(required=True)
    signed_at = InstantField(required=True, allow_none=True)
    amendments = fields.List(fields.Nested(NoteAmendedSchema), required=True)
    error_reason = fields.String(required=True, allow_none=True)
