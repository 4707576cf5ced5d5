"""The arithmetic of a claim."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fascia.problem import Conflict, RuleViolation
from scheduling_svc.budget.budget import Budget, Prescription, Reservation, needs_claim

NOW = datetime(2027, 1, 11, 14, tzinfo=UTC)
DAY = date(2027, 1, 18)


def prescribed(visits: int = 2, version: int = 1, id_: str = "p1", home: bool = True) -> Prescription:
    return Prescription(id_, version, visits, date(2027, 1, 1), date(2027, 1, 31), home)


def budget(visits: int = 2) -> Budget:
    made = Budget("c1", "patient").with_prescription(prescribed(visits))
    assert made is not None
    return made


def reservation(id_: str, minutes: int | None = None, day: date = DAY) -> Reservation:
    return Reservation(id_, day, True, NOW + timedelta(minutes=minutes) if minutes is not None else None)


def test_reservations_count_until_the_number_is_reached() -> None:
    full = budget(2).reserve(reservation("a"), NOW).reserve(reservation("b", 10), NOW)
    assert (full.authorised, full.reserved(NOW), full.remaining(NOW)) == (2, 2, 0)
    with pytest.raises(Conflict) as caught:
        full.reserve(reservation("c"), NOW)
    assert caught.value.code == "visits-exhausted"


def test_a_hold_that_ran_out_counts_no_more_and_is_dropped_by_the_next() -> None:
    held = budget(1).reserve(reservation("a", 10), NOW)
    later = NOW + timedelta(minutes=10)
    assert held.remaining(later) == 1
    assert [one.id for one in held.reserve(reservation("b"), later).reservations] == ["b"]
    with pytest.raises(Conflict) as caught:
        held.settle("a", later)
    assert caught.value.code == "hold-expired"
    assert held.settle("a", NOW).reserved(later) == 1


def test_a_signed_session_uses_its_reservation_once() -> None:
    used = budget().reserve(reservation("a"), NOW).consume("a")
    assert used is not None
    assert (used.reserved(NOW), used.consumed) == (0, ("a",))
    assert used.consume("a") is None


def test_a_session_that_was_not_reserved_counts_all_the_same() -> None:
    used = budget(0).consume("walk-in")
    assert used is not None
    assert used.remaining(NOW) == -1


def test_what_is_released_can_be_promised_again() -> None:
    released = budget(1).reserve(reservation("a"), NOW).release("a")
    assert released is not None
    assert released.remaining(NOW) == 1
    assert released.release("a") is None


def test_an_older_or_equal_version_of_a_prescription_is_ignored() -> None:
    known = budget()
    assert known.with_prescription(prescribed(9)) is None
    extended = known.with_prescription(prescribed(9, version=2))
    assert extended is not None
    assert extended.authorised == 9
    assert extended.with_prescription(prescribed(2, version=1)) is None


def test_the_latest_word_of_what_was_not_revoked_is_what_the_claim_allows() -> None:
    both = budget(6).with_prescription(prescribed(12, version=2, id_="p2"))
    assert both is not None
    assert both.authorised == 12
    one = both.with_revoked("p2", 3)
    assert one is not None
    assert one.authorised == 6
    none = one.with_revoked("p1", 4)
    assert none is not None
    assert (none.authorised, none.current) == (0, None)


def test_a_revocation_that_overtakes_its_prescription_holds() -> None:
    revoked = Budget("c1", "patient").with_revoked("p1", 5)
    assert revoked is not None
    assert revoked.with_prescription(prescribed(version=4)) is None
    assert revoked.authorised == 0


@pytest.mark.parametrize(
    ("day", "mobile", "code"),
    [
        (date(2026, 12, 31), False, "not-prescribed"),
        (date(2027, 2, 1), False, "not-prescribed"),
        (DAY, True, "home-visits-not-prescribed"),
    ],
)
def test_a_visit_outside_the_prescription_is_refused(day: date, mobile: bool, code: str) -> None:
    at_sites_only = Budget("c1", "patient").with_prescription(prescribed(home=False))
    assert at_sites_only is not None
    with pytest.raises(Conflict) as caught:
        at_sites_only.require_cover(day, mobile)
    assert caught.value.code == code
    at_sites_only.require_cover(date(2027, 1, 31), mobile=False)


def test_beyond_the_number_the_latest_visits_are_not_covered() -> None:
    days = {"c": 20, "a": 18, "b": 19}
    full = budget(3)
    for id_, day in days.items():
        full = full.reserve(reservation(id_, day=date(2027, 1, day)), NOW)
    fewer = full.with_prescription(prescribed(2, version=2))
    assert fewer is not None
    assert fewer.uncovered(NOW) == ["c"]
    signed = fewer.consume("z")
    assert signed is not None
    assert signed.uncovered(NOW) == ["b", "c"]
    ended = signed.with_revoked("p1", 3)
    assert ended is not None
    assert ended.uncovered(NOW) == ["a", "b", "c"]


def test_a_claim_is_named_where_it_must_be_and_only_there() -> None:
    needs_claim(None, is_treatment=True, requires_prescription=False)
    needs_claim("c1", is_treatment=True, requires_prescription=True)
    with pytest.raises(RuleViolation) as missing:
        needs_claim(None, is_treatment=True, requires_prescription=True)
    assert missing.value.errors[0].field == "claim_id"
    with pytest.raises(RuleViolation):
        needs_claim("c1", is_treatment=False, requires_prescription=False)
