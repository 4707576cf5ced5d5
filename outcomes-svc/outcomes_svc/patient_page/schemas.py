"""Shapes of /v1/crisis-guidance."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.schemas import InstantField, RequestSchema, TextField
from outcomes_svc.patient_page.guidance import Way
from outcomes_svc.patient_page.texts import spoken

_WAYS = [way.value for way in Way]


class ContactRequestSchema(RequestSchema):
    """A number that helps."""

    way = fields.String(required=True, validate=validate.OneOf(_WAYS))
    number = fields.String(
        required=True,
        validate=validate.Regexp(r"\+?[0-9]{2,15}\Z", error="Not a number that a telephone can dial."),
        metadata={"description": "digits only, or E.164"},
    )
    label = TextField(required=True, at_most=60)


class GuidanceRequestSchema(RequestSchema):
    """What is said in one language. A line break begins a paragraph."""

    language = fields.String(required=True, validate=validate.OneOf(sorted(spoken())))
    text = TextField(required=True, at_least=20, at_most=2_000)
    contacts = fields.List(
        fields.Nested(ContactRequestSchema),
        required=True,
        validate=validate.Length(1, 6),
        metadata={"description": "shown as buttons: a person in need of help must find a number"},
    )


class GuidanceChangeSchema(RequestSchema):
    """All that the practice says of its own. A language that is left out keeps what ships."""

    texts = fields.List(fields.Nested(GuidanceRequestSchema), required=True, validate=validate.Length(max=20))


class ContactSchema(Schema):
    """A number that helps."""

    way = fields.String(required=True)
    number = fields.String(required=True)
    label = fields.String(required=True)


class GuidanceTextSchema(Schema):
    """What a patient reads in one language."""

    language = fields.String(required=True)
    text = fields.String(required=True)
    contacts = fields.List(fields.Nested(ContactSchema), required=True)
    own = fields.Boolean(required=True, metadata={"description": "the practice's words, not those that ship"})


class GuidanceVersionSchema(Schema):
    """Who changed it, and when."""

    version = fields.Integer(required=True)
    changed_by = fields.String(required=True)
    changed_at = InstantField(required=True)


class CrisisGuidanceSchema(Schema):
    """What patients read after an answer that a person should see at once."""

    version = fields.Integer(required=True, metadata={"description": "0 where the practice says nothing of its own"})
    texts = fields.List(fields.Nested(GuidanceTextSchema), required=True)
    history = fields.List(fields.Nested(GuidanceVersionSchema), required=True)
