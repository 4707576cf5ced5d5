"""A patient as notify-svc knows them: how to reach them and whether it may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Channel = Literal["sms", "email"]
CHANNELS: tuple[Channel, ...] = ("sms", "email")


@dataclass(frozen=True)
class Consent:
    """The channels that a patient agreed to be messaged on."""

    sms: bool
    email: bool

    def given(self, channel: Channel) -> bool:
        """Whether this channel is agreed to."""
        return self.sms if channel == "sms" else self.email


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A projection of patient.*, with what notify-svc itself decides: consent and opt-outs.

    `patient_version` is the version of the patient it was built from; an older event changes nothing. `recorded` is the
    consent as records-svc last said it: only a change of it overrides the consent that was set here.
    """

    patient_id: str
    patient_version: int
    given_name: str
    family_name: str
    phone: str | None
    email: str | None
    time_zone: str
    language: str
    recorded: Consent
    consent: Consent
    opted_out: Mapping[Channel, datetime] = field(default_factory=dict)
    deceased: bool = False
    version: int = 1

    def address(self, channel: Channel) -> str | None:
        """Where messages of a channel go."""
        return self.phone if channel == "sms" else self.email

    def refusal(self, channel: Channel) -> str | None:
        """Why this channel may not be used, as a reason code; None when it may.

        An opt-out outranks any consent: it must be honoured however it came in (evidence: 47 CFR 64.1200(a)(10)).
        """
        if self.deceased:
            return "deceased"
        if channel in self.opted_out:
            return "opted_out"
        if not self.consent.given(channel):
            return "no_consent"
        if not self.address(channel):
            return "no_address"
        return None

    def opt_out(self, channel: Channel, at: datetime) -> Contact:
        """No more messages on a channel. Doing it again changes nothing: the first moment stays."""
        if channel in self.opted_out:
            return self
        return replace(self, opted_out={**self.opted_out, channel: at}, version=self.version + 1)

    def opt_in(self, channel: Channel) -> Contact:
        """The patient asked for messages again, in their own words."""
        if channel not in self.opted_out and self.consent.given(channel):
            return self
        remaining = {known: at for known, at in self.opted_out.items() if known != channel}
        return replace(self, opted_out=remaining, consent=_with(self.consent, channel), version=self.version + 1)

    def with_consent(self, consent: Consent) -> Contact:
        """Staff recorded what the patient said.

        Consent given again ends an opt-out: the caller must have seen it, which the version in If-Match proves.
        """
        remaining = {known: at for known, at in self.opted_out.items() if not consent.given(known)}
        return replace(self, consent=consent, opted_out=remaining, version=self.version + 1)


def _with(consent: Consent, channel: Channel) -> Consent:
    return replace(consent, sms=True) if channel == "sms" else replace(consent, email=True)


def from_patient(patient: Mapping[str, Any], known: Contact | None) -> Contact | None:
    """The contact after a patient.* event (its payload as the contract loads it); None when the event is an old one."""
    if known is not None and patient["version"] <= known.patient_version:
        return None
    recorded = Consent(patient["contact_consent"]["sms"], patient["contact_consent"]["email"])
    state: dict[str, Any] = {
        "patient_version": patient["version"],
        "given_name": patient["given_name"],
        "family_name": patient["family_name"],
        "phone": patient["phone"],
        "email": patient["email"],
        "time_zone": patient["time_zone"],
        "language": patient["language"],
        "deceased": patient.get("deceased", False),
        "recorded": recorded,
    }
    if known is None:
        return Contact(patient_id=patient["patient_id"], consent=recorded, **state)
    consent = Consent(
        sms=recorded.sms if recorded.sms != known.recorded.sms else known.consent.sms,
        email=recorded.email if recorded.email != known.recorded.email else known.consent.email,
    )
    return replace(known, consent=consent, version=known.version + 1, **state)
