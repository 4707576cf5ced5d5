"""What notify-svc publishes and consumes, at a glance."""

from __future__ import annotations

from notify_svc.contacts import handlers as contacts
from notify_svc.messages import handlers as messages
from notify_svc.reminders import handlers as reminders

PUBLISHES = ("message.sent", "message.delivered", "message.failed", "contact.opted_out", "reply.received")

HANDLERS = {**contacts.HANDLERS, **reminders.HANDLERS, **messages.HANDLERS}

# These keep a projection and cause no message, so they may be replayed.
PROJECTIONS = tuple(contacts.HANDLERS)
