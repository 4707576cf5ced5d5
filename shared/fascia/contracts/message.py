"""message.*, contact.* and reply.*: what was said to patients and therapists, and what came back (notify-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier

KINDS = (
    "reminder",
    "follow_up",
    "questionnaire",
    "booking",
    "moved",
    "cancellation",
    "running_late",
    "route",
    "dispatch_warning",
    "alert",
    "pay_statement",
)
CHANNELS = ("sms", "email")


class MessageFields(EventSchema):
    """A message without its text or address: those never leave notify-svc."""

    message_id = identifier()
    recipient_id = identifier(metadata={"description": "patient or therapist id"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    appointment_id = identifier(required=False, allow_none=True, load_default=None)
    at = Instant(required=True)


@event("message.sent", producer="notify-svc", key="message_id", phi=False)
class MessageSent(MessageFields):
    """The provider accepted a message."""


@event("message.delivered", producer="notify-svc", key="message_id", phi=False)
class MessageDelivered(MessageFields):
    """The provider reported that a message reached the recipient."""


@event("message.failed", producer="notify-svc", key="message_id", phi=False)
class MessageFailed(MessageFields):
    """A message could not be sent or was bounced."""

    reason = fields.String(required=True, metadata={"description": "a code, never the provider's text"})


@event("contact.opted_out", producer="notify-svc", key="patient_id", phi=False)
class ContactOptedOut(EventSchema):
    """A patient asked for no more messages on a channel."""

    patient_id = identifier()
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    at = Instant(required=True)


@event("reply.received", producer="notify-svc", key="patient_id", phi=False)
class ReplyReceived(EventSchema):
    """A patient answered a message with a request that the suite understands."""

    patient_id = identifier()
    appointment_id = identifier(required=False, allow_none=True, load_default=None)
    request = fields.String(required=True, validate=validate.OneOf(("confirm", "call_me")))
    at = Instant(required=True)
