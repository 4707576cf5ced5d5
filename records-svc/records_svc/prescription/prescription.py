"""A prescription: received -> verified -> active -> exhausted, expired, revoked.

Verified means that a person checked the written order. From then on its state follows from the day and from the
claim's ledger: verified before `starts_on`, active from then, expired after `expires_on`, exhausted when the claim has
no visits left. So an extension makes it active again without anyone touching it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from fascia.problem import Conflict, RuleViolation
from records_svc.prescription.npi import checked_npi


class State(StrEnum):
    """Where a prescription stands."""

    RECEIVED = "received"
    VERIFIED = "verified"
    ACTIVE = "active"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Prescriber:
    """Who ordered the visits."""

    name: str
    npi: str


@dataclass(frozen=True, kw_only=True)
class Prescription:
    """An order for `visits` treatments between two days, inclusive, on a claim."""

    id: str
    version: int
    claim_id: str
    patient_id: str
    prescriber: Prescriber
    visits: int
    starts_on: date
    expires_on: date
    home_visits: bool
    condition_codes: tuple[str, ...]
    received_at: datetime
    verified_at: datetime | None = None
    verified_by: str | None = None
    revoked_at: datetime | None = None
    revoked_because: str | None = None

    @property
    def counts(self) -> bool:
        """Whether its visits count for the claim."""
        return self.verified_at is not None and self.revoked_at is None


def receive(
    *, prescription_id: str, claim_id: str, patient_id: str, prescriber: Prescriber, visits: int, starts_on: date,
    expires_on: date, home_visits: bool, condition_codes: tuple[str, ...], now: datetime, today: date,
) -> Prescription:  # fmt: skip
    """A written order as it came in; raises RuleViolation naming the field."""
    if expires_on < starts_on:
        raise RuleViolation("expires-before-start", "It ends before it begins.", "expires_on", "Send a later day.")
    if expires_on < today:
        raise RuleViolation("already-expired", "The prescription is over.", "expires_on", "Ask for a new order.")
    if visits < 1:
        raise RuleViolation("no-visits", "A prescription is for one visit or more.", "visits", "Send 1 or more.")
    if not condition_codes:
        raise RuleViolation(
            "no-condition", "A prescription names what is treated.", "condition_codes", "Send an ICD-10-CM code."
        )
    return Prescription(
        id=prescription_id,
        version=1,
        claim_id=claim_id,
        patient_id=patient_id,
        prescriber=Prescriber(prescriber.name.strip(), checked_npi(prescriber.npi)),
        visits=visits,
        starts_on=starts_on,
        expires_on=expires_on,
        home_visits=home_visits,
        condition_codes=condition_codes,
        received_at=now,
    )


def verify(prescription: Prescription, by: str, now: datetime, today: date) -> Prescription:
    """A person checked the written order."""
    if prescription.revoked_at is not None:
        raise Conflict("prescription-revoked", "A revoked prescription cannot be verified.")
    if prescription.verified_at is not None:
        raise Conflict("prescription-already-verified", "This prescription is verified already.")
    if prescription.expires_on < today:
        raise Conflict("prescription-expired", "This prescription expired before it was verified.")
    return replace(prescription, version=prescription.version + 1, verified_at=now, verified_by=by)


def revoke(prescription: Prescription, reason: str, now: datetime) -> Prescription:
    """The order no longer holds; what is already signed stays."""
    if prescription.revoked_at is not None:
        raise Conflict("prescription-already-revoked", "This prescription is revoked already.")
    return replace(prescription, version=prescription.version + 1, revoked_at=now, revoked_because=reason)


def state_on(prescription: Prescription, today: date, *, claim_exhausted: bool) -> State:
    """Where it stands on a day. `claim_exhausted`: every visit of its claim is consumed."""
    if prescription.revoked_at is not None:
        return State.REVOKED
    if prescription.verified_at is None:
        return State.RECEIVED
    if today > prescription.expires_on:
        return State.EXPIRED
    if claim_exhausted:
        return State.EXHAUSTED
    return State.VERIFIED if today < prescription.starts_on else State.ACTIVE
