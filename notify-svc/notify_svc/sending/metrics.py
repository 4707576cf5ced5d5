"""What an operator watches: how messages fare, and whether sending keeps up. No ids, nothing of a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

ATTEMPTS = Counter("fascia_message_attempts", "Attempts to send a message by what came of it.", ("channel", "outcome"))
DUE_AGE = Gauge("fascia_messages_due_age_seconds", "For how long the oldest message has been due and not dealt with.")
