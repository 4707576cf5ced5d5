"""Shapes of /v1/instruments/{id}/licence."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.schemas import DateField, InstantField, RequestSchema, TextField


class _TermsSeenField(fields.Boolean):
    fix = "Send true once somebody of the practice has read the owner's terms."


class LicenceRequestSchema(RequestSchema):
    """The licence that the practice holds. The days are inclusive; no valid_until means no end."""

    holder = TextField(required=True, metadata={"description": "whom the licence was given to"})
    reference = TextField(
        required=True,
        metadata={"description": "number or date of the agreement; another reference is another licence"},
    )
    valid_from = DateField(required=True)
    valid_until = DateField(load_default=None, allow_none=True)
    terms_seen = _TermsSeenField(
        required=True,
        truthy={True},
        falsy={False},
        validate=validate.Equal(True, error="The terms have not been seen."),
        metadata={"description": "somebody of the practice has read the owner's terms"},
    )


class LicenceEntrySchema(Schema):
    """One line of the history."""

    version = fields.Integer(required=True)
    action = fields.String(required=True, metadata={"description": "recorded or ended"})
    holder = fields.String(required=True, attribute="terms.holder")
    reference = fields.String(required=True, attribute="terms.reference")
    valid_from = fields.Date(required=True, attribute="terms.valid_from")
    valid_until = fields.Date(required=True, allow_none=True, attribute="terms.valid_until")
    recorded_by = fields.String(required=True)
    recorded_at = InstantField(required=True)


class LicenceStateSchema(Schema):
    """What stands for an instrument, and how it came about."""

    instrument = fields.String(required=True)
    licence_required = fields.Boolean(required=True)
    may_score_today = fields.Boolean(required=True, metadata={"description": "not needed, or in force on this day"})
    version = fields.Integer(required=True, metadata={"description": "number of entries; 0 where there is none"})
    licences = fields.List(
        fields.Nested(LicenceEntrySchema), required=True, metadata={"description": "the last word on each reference"}
    )
    history = fields.List(fields.Nested(LicenceEntrySchema), required=True, metadata={"description": "oldest first"})
