"""Corrections: what was issued stays, what it would be today becomes lines, each difference settled once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from outcomes_svc.pay.correction import Cause, Correction, Ruling, Settled, corrections_of, settled_by
from outcomes_svc.pay.month import Month

APRIL, NOTHING = Month(2027, 4), Decimal("0.00")


def paid(amount: str, fingerprint: str = "as signed") -> Settled:
    return Settled(amount=Decimal(amount), fingerprint=fingerprint)


def lines(
    settled: dict[str, Settled], today: dict[str, Settled], rulings: dict[str, Ruling] | None = None
) -> list[Correction]:
    return corrections_of(APRIL, "00ff", settled, today, rulings or {}, NOTHING)


def ruling(amount: str, fingerprint: str = "as signed") -> Ruling:
    return Ruling(dispute_id="d-1", key="session:a", amount=Decimal(amount), fingerprint=fingerprint)


@pytest.mark.parametrize(
    ("key", "before", "after", "cause", "difference"),
    [
        ("session:a", paid("46.00"), paid("34.50", "amended"), Cause.SESSION_AMENDED, "-11.50"),
        ("session:a", None, paid("46.00"), Cause.SESSION_ADDED, "46.00"),
        ("session:a", paid("46.00"), None, Cause.SESSION_REMOVED, "-46.00"),
        ("session:a", paid("46.00"), paid("46.00", "52 minutes"), Cause.SESSION_AMENDED, "0.00"),
        ("entry:h", None, paid("48.00"), Cause.ENTRY_ADDED, "48.00"),
        ("entry:h", paid("48.00"), None, Cause.ENTRY_WITHDRAWN, "-48.00"),
        ("route:2027-04-02", paid("9.00"), paid("12.00", "later revision"), Cause.TRAVEL_CHANGED, "3.00"),
        ("episode:e", paid("0.00"), paid("0.00", "baseline amended"), Cause.EPISODE_CHANGED, "0.00"),
        ("outcome", paid("98.90"), paid("80.00", "0.03"), Cause.OUTCOME_CHANGED, "-18.90"),
    ],
)
def test_each_difference_is_a_line_that_names_its_cause(
    key: str, before: Settled | None, after: Settled | None, cause: Cause, difference: str
) -> None:
    (line,) = lines({key: before} if before else {}, {key: after} if after else {})
    assert (line.cause, str(line.difference), line.month, line.statement) == (cause, difference, APRIL, "00ff")
    assert line.after - line.before == line.difference


def test_what_is_as_it_was_needs_no_line() -> None:
    same = {"session:a": paid("46.00"), "outcome": paid("98.90")}
    assert lines(same, dict(same)) == []


def test_a_difference_is_settled_once_and_back_again() -> None:
    issued, amended = {"session:a": paid("46.00")}, {"session:a": paid("34.50", "amended")}
    first = lines(issued, amended)
    assert lines(settled_by(issued, first), amended) == []
    (back,) = lines(settled_by(issued, first), issued)
    assert str(back.difference) == "11.50"
    assert lines(settled_by(issued, [*first, back]), issued) == []


def test_a_removed_session_can_come_back() -> None:
    issued = {"session:a": paid("46.00")}
    (gone,) = lines(issued, {})
    (again,) = lines(settled_by(issued, [gone]), issued)
    assert (again.cause, str(again.difference)) == (Cause.SESSION_ADDED, "46.00")


def test_a_ruling_holds_as_long_as_the_line_rests_on_the_same() -> None:
    issued = {"session:a": paid("46.00")}
    (ruled,) = lines(issued, dict(issued), {"session:a": ruling("60.00")})
    assert (ruled.cause, ruled.reference, str(ruled.difference)) == (Cause.DISPUTE_UPHELD, "d-1", "14.00")
    state = settled_by(issued, [ruled])
    assert lines(state, dict(issued), {"session:a": ruling("60.00")}) == []
    amended = {"session:a": paid("34.50", "amended later")}
    (line,) = lines(state, amended, {"session:a": ruling("60.00")})
    assert (line.cause, str(line.difference)) == (Cause.SESSION_AMENDED, "-25.50")


def test_of_two_rulings_on_one_line_the_later_one_is_paid() -> None:
    issued = {"session:a": paid("46.00")}
    (first,) = lines(issued, dict(issued), {"session:a": ruling("60.00")})
    later = Ruling(dispute_id="d-2", key="session:a", amount=Decimal("50.00"), fingerprint="as signed")
    (second,) = lines(settled_by(issued, [first]), dict(issued), {"session:a": later})
    assert (second.reference, str(second.difference)) == ("d-2", "-10.00")
