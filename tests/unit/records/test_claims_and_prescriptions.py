"""Prescriptions, and the visits of a claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from fascia.problem import Conflict, RuleViolation
from records_svc.prescription.claim import (
    Claim,
    LedgerEntry,
    Use,
    allowing,
    consumed_by,
    given_back,
    ledger,
    open_claim,
    released_by,
    reserved_by,
)
from records_svc.prescription.npi import is_npi
from records_svc.prescription.prescription import Prescriber, Prescription, State, receive, revoke, state_on, verify

NOW = datetime(2027, 1, 11, 14, tzinfo=UTC)
TODAY = date(2027, 1, 11)
START, END = date(2027, 1, 15), date(2027, 3, 31)


def received(visits: int = 6, **changes: object) -> Prescription:
    order = {
        "prescription_id": "rx",
        "claim_id": "c",
        "patient_id": "p",
        "prescriber": Prescriber("Dr. Sample", "1234567893"),
        "visits": visits,
        "starts_on": START,
        "expires_on": END,
        "home_visits": False,
        "condition_codes": ("M54.2",),
        "now": NOW,
        "today": TODAY,
    }
    return receive(**{**order, **changes})  # type: ignore[arg-type]


def verified(visits: int = 6, **changes: object) -> Prescription:
    return verify(received(visits, **changes), "clerk", NOW, TODAY)


@pytest.mark.parametrize(("npi", "valid"), [("1234567893", True), ("1234567890", False), ("520", False), ("", False)])
def test_an_npi_has_a_check_digit(npi: str, valid: bool) -> None:
    assert is_npi(npi) is valid


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expires_on": date(2027, 1, 14)}, "expires_on"),
        ({"starts_on": date(2026, 1, 1), "expires_on": date(2026, 12, 31)}, "expires_on"),
        ({"visits": 0}, "visits"),
        ({"condition_codes": ()}, "condition_codes"),
        ({"prescriber": Prescriber("Dr. Sample", "1234567890")}, "prescriber.npi"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        received(**changes)  # type: ignore[arg-type]
    assert refusal.value.errors[0].field == field


def test_the_state_follows_from_the_day_and_the_ledger() -> None:
    assert state_on(received(), TODAY, claim_exhausted=False) is State.RECEIVED
    order = verified()
    assert state_on(order, TODAY, claim_exhausted=False) is State.VERIFIED
    assert state_on(order, START, claim_exhausted=False) is State.ACTIVE
    assert state_on(order, END, claim_exhausted=False) is State.ACTIVE
    assert state_on(order, END, claim_exhausted=True) is State.EXHAUSTED
    assert state_on(order, date(2027, 4, 1), claim_exhausted=False) is State.EXPIRED
    assert state_on(revoke(order, "withdrawn", NOW), START, claim_exhausted=False) is State.REVOKED


def test_nothing_is_verified_or_revoked_twice() -> None:
    with pytest.raises(Conflict):
        verify(verified(), "clerk", NOW, TODAY)
    with pytest.raises(Conflict):
        revoke(revoke(verified(), "withdrawn", NOW), "again", NOW)
    with pytest.raises(Conflict):
        verify(revoke(received(), "withdrawn", NOW), "clerk", NOW, TODAY)


def test_a_claim_allows_what_its_verified_prescriptions_add_up_to() -> None:
    later = verified(4, expires_on=date(2027, 6, 30), home_visits=True)
    claim = allowing(open_claim("c", "p"), [verified(6), later, received(9), revoke(verified(5), "withdrawn", NOW)])
    assert (claim.version, claim.visits_authorised, claim.home_visits) == (1, 10, True)
    assert (claim.starts_on, claim.expires_on) == (START, date(2027, 6, 30))


def entry(version: int = 1, appointment: str = "a", patient: str = "p") -> LedgerEntry:
    return LedgerEntry(
        claim_id="c",
        appointment_id=appointment,
        appointment_version=version,
        patient_id=patient,
        starts_at=NOW,
        use=Use.RESERVED,
    )


def claim(visits: int) -> Claim:
    return replace(open_claim("c", "p"), version=1, visits_authorised=visits)


def test_an_older_event_changes_nothing() -> None:
    cancelled = released_by(entry(1), entry(3))
    assert cancelled.use is Use.RELEASED
    assert reserved_by(cancelled, entry(2)) is cancelled
    assert released_by(cancelled, entry(3)) is cancelled


def test_a_signed_visit_stays_consumed_whatever_comes_later() -> None:
    consumed = consumed_by(entry(2), "note")
    assert reserved_by(consumed, entry(3)).use is Use.CONSUMED
    after = released_by(consumed, entry(3))
    assert after.use is Use.CONSUMED
    assert ledger(claim(6), [after]).differences == ("signed_visit_was_cancelled",)


def test_a_note_entered_in_error_gives_its_visit_back_to_be_signed_for_again() -> None:
    again = given_back(consumed_by(entry(), "note"))
    assert (again.use, again.session_id) == (Use.RESERVED, None)


def test_a_ledger_adds_up_and_names_what_does_not() -> None:
    fine = ledger(claim(3), [entry(1, "a"), consumed_by(entry(1, "b"), "note")])
    assert (fine.reserved, fine.consumed, fine.remaining, fine.exhausted, fine.differences) == (1, 1, 1, False, ())
    over = ledger(claim(1), [entry(1, "a"), entry(1, "b", "q")])
    assert over.remaining == 0
    assert set(over.differences) == {"more_visits_than_authorised", "visit_of_another_patient"}
