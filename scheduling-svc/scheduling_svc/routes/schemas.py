"""The shapes of a route's link, of a tap on the page, and of visits that were given up."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, InstantField, RequestSchema
from scheduling_svc.booking.appointment import Status
from scheduling_svc.routes.action import Action
from scheduling_svc.routes.given_up import Why


class RouteLinkSchema(Schema):
    """A signed link to the therapist's page of a day."""

    url = fields.String(required=True)
    expires_at = InstantField(required=True)


class TapSchema(RequestSchema):
    """A tap on the page, as a form sends it."""

    action = fields.Enum(Action, by_value=True, required=True)
    why = fields.Enum(Why, by_value=True, load_default=Why.OTHER, metadata={"description": "of cannot_make_it"})
    tapped_at = InstantField(load_default=None, metadata={"description": "by the phone's clock"})
    revision = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1, max=999_999),
        metadata={"description": "that was on the screen"},
    )


class TappedSchema(Schema):
    """What became of a tap."""

    appointment_id = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    changed = fields.Boolean(required=True, metadata={"description": "false: it was known already"})
    revision = fields.Integer(required=True, metadata={"description": "of the route now; load the page if it is newer"})


class GivenUpSchema(Schema):
    """A visit that a therapist cannot make."""

    id = fields.String(required=True)
    appointment_id = fields.String(required=True)
    therapist_id = fields.String(required=True)
    date = DateField(required=True)
    why = fields.Enum(Why, by_value=True, required=True)
    said_at = InstantField(required=True)
    settled_at = InstantField(required=True, allow_none=True)
    settled_by = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class GivenUpQuerySchema(PageQuerySchema):
    """Which given-up visits."""

    date = DateField(load_default=None)
    settled = fields.Boolean(load_default=None, metadata={"description": "false: those that nobody has seen to"})
