"""A therapist's contact: a projection of therapist.updated."""

from __future__ import annotations

from dataclasses import dataclass

from notify_svc.contacts.contact import Channel


@dataclass(frozen=True, kw_only=True)
class Therapist:
    """`version` is scheduling-svc's: an older one than is known changes nothing."""

    id: str
    version: int
    name: str
    phone: str | None
    email: str | None
    time_zone: str
    active: bool

    def address(self, channel: Channel) -> str | None:
        """Where messages of a channel go."""
        return self.phone if channel == "sms" else self.email

    @property
    def channel(self) -> Channel:
        """How to write to them: by mail where that is known, by text where only that is."""
        return "sms" if self.phone and not self.email else "email"
