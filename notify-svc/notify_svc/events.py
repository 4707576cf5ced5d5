"""What notify-svc publishes and consumes, at a glance."""

from __future__ import annotations

from notify_svc.contacts import handlers as contacts
from notify_svc.messages import handlers as messages
from notify_svc.reminders import handlers as reminders
from notify_svc.therapists import handlers as therapists

PUBLISHES = ("message.sent", "message.delivered", "message.failed", "contact.opted_out", "reply.received")

HANDLERS = {**contacts.HANDLERS, **therapists.HANDLERS, **reminders.HANDLERS, **messages.HANDLERS}

# These keep a projection and cause no message, so they may be replayed.
PROJECTIONS = (*contacts.HANDLERS, *therapists.HANDLERS)
