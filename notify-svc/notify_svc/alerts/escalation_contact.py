"""Whom the practice tells when nobody acknowledged an alert."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fascia.problem import RuleViolation
from notify_svc.contacts.contact import Channel

RECIPIENT = "escalation-contact"
"""The recipient of messages to the contact: a role, not a person with an id."""


@dataclass(frozen=True, kw_only=True)
class EscalationContact:
    """`version` 1 is what applies until somebody is named: nobody."""

    version: int = 1
    name: str | None = None
    phone: str | None = None
    email: str | None = None

    @property
    def addresses(self) -> dict[Channel, str | None]:
        """Where to tell them, by channel."""
        return {"sms": self.phone, "email": self.email}

    def named(self, name: str, phone: str | None, email: str | None) -> EscalationContact:
        """The next version; raises RuleViolation where nobody could be reached."""
        if phone is None and email is None:
            raise RuleViolation(
                "no-address", "Nobody can be reached like this.", "phone", "Send a phone, an email or both."
            )
        return replace(self, version=self.version + 1, name=name, phone=phone, email=email)
