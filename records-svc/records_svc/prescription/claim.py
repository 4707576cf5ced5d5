"""A claim and its ledger: visits are counted per claim and never reset by a new referral (Washington L&I)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from fascia.problem import Conflict
from records_svc.prescription.prescription import Prescription


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the verified prescriptions of one claim allow together, as of `version`. Days are None while nothing is."""

    id: str
    version: int
    patient_id: str
    visits_authorised: int
    starts_on: date | None
    expires_on: date | None
    home_visits: bool


class Use(StrEnum):
    """What happened to one visit of the claim."""

    RESERVED = "reserved"
    CONSUMED = "consumed"
    RELEASED = "released"


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """One appointment of the claim.

    `appointment_version` is the last event seen, so that an older one changes nothing. `session_id` is the signed note.
    `cancelled` says that the appointment was cancelled, which contradicts a consumed visit.
    """

    claim_id: str
    appointment_id: str
    appointment_version: int
    patient_id: str
    starts_at: datetime
    use: Use
    session_id: str | None = None
    cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A claim's account in visits. `differences` are contradictions that a person must look into, as codes."""

    claim: Claim
    reserved: int
    consumed: int
    entries: tuple[LedgerEntry, ...]
    differences: tuple[str, ...]

    @property
    def remaining(self) -> int:
        """Visits that can still be reserved; never below zero."""
        return max(0, self.claim.visits_authorised - self.reserved - self.consumed)

    @property
    def exhausted(self) -> bool:
        """Every authorised visit is consumed."""
        return self.claim.visits_authorised > 0 and self.consumed >= self.claim.visits_authorised


def open_claim(claim_id: str, patient_id: str) -> Claim:
    """A claim with nothing authorised yet."""
    return Claim(
        id=claim_id,
        version=0,
        patient_id=patient_id,
        visits_authorised=0,
        starts_on=None,
        expires_on=None,
        home_visits=False,
    )


def check_patient(claim: Claim, patient_id: str) -> None:
    """A claim belongs to one patient."""
    if claim.patient_id != patient_id:
        raise Conflict(
            "claim-of-another-patient",
            "This claim belongs to another patient.",
            "claim_id",
            "Check the number, or omit it.",
        )


def allowing(claim: Claim, prescriptions: Iterable[Prescription]) -> Claim:
    """The claim one version on, with what its verified and unrevoked prescriptions allow together."""
    counting = [prescription for prescription in prescriptions if prescription.counts]
    return replace(
        claim,
        version=claim.version + 1,
        visits_authorised=sum(prescription.visits for prescription in counting),
        starts_on=min((prescription.starts_on for prescription in counting), default=None),
        expires_on=max((prescription.expires_on for prescription in counting), default=None),
        home_visits=any(prescription.home_visits for prescription in counting),
    )


def ledger(claim: Claim, entries: Sequence[LedgerEntry]) -> Ledger:
    """The account of a claim, with what does not add up."""
    reserved = sum(entry.use is Use.RESERVED for entry in entries)
    consumed = sum(entry.use is Use.CONSUMED for entry in entries)
    differences = []
    if reserved + consumed > claim.visits_authorised:
        differences.append("more_visits_than_authorised")
    if any(entry.patient_id != claim.patient_id for entry in entries):
        differences.append("visit_of_another_patient")
    if any(entry.use is Use.CONSUMED and entry.cancelled for entry in entries):
        differences.append("signed_visit_was_cancelled")
    return Ledger(
        claim=claim, reserved=reserved, consumed=consumed, entries=tuple(entries), differences=tuple(differences)
    )


def reserved_by(entry: LedgerEntry | None, booked: LedgerEntry) -> LedgerEntry:
    """The entry after a booking, a move or progress: reserved, unless it is consumed already or the event is old."""
    if entry is None:
        return booked
    if booked.appointment_version <= entry.appointment_version:
        return entry
    if entry.use is Use.CONSUMED:
        return replace(entry, appointment_version=booked.appointment_version, starts_at=booked.starts_at)
    return booked


def released_by(entry: LedgerEntry | None, cancelled: LedgerEntry) -> LedgerEntry:
    """The entry after a cancellation. A visit that was signed for stays consumed: the ledger reports the difference."""
    if entry is not None and cancelled.appointment_version <= entry.appointment_version:
        return entry
    if entry is not None and entry.use is Use.CONSUMED:
        return replace(entry, appointment_version=cancelled.appointment_version, cancelled=True)
    return replace(cancelled, use=Use.RELEASED, cancelled=True)


def consumed_by(entry: LedgerEntry, session_id: str) -> LedgerEntry:
    """The entry after the session's note was signed."""
    return replace(entry, use=Use.CONSUMED, session_id=session_id)


def given_back(entry: LedgerEntry) -> LedgerEntry:
    """The entry after the session's note turned out to be entered in error: the visit is to be signed for again."""
    return replace(entry, use=Use.RESERVED, session_id=None)


def activated_event(claim: Claim, prescription_id: str) -> dict[str, Any]:
    """The claim as prescription.activated carries it."""
    return {
        "claim_id": claim.id,
        "version": claim.version,
        "prescription_id": prescription_id,
        "patient_id": claim.patient_id,
        "visits_authorised": claim.visits_authorised,
        "starts_on": claim.starts_on,
        "expires_on": claim.expires_on,
        "home_visits": claim.home_visits,
    }


def revoked_event(claim: Claim, prescription_id: str) -> dict[str, Any]:
    """The claim as prescription.revoked carries it."""
    return {
        "claim_id": claim.id,
        "version": claim.version,
        "prescription_id": prescription_id,
        "patient_id": claim.patient_id,
    }
