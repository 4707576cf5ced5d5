"""A pay statement: what is paid for what, the same bytes every time, and an altered byte found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from outcomes_svc.pay.canonical import NotCanonical, canonical
from outcomes_svc.pay.correction import Cause, Correction
from outcomes_svc.pay.money import figure, rounded
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import DriveSource, OutcomePart, PayPlan, Rate, RateUnit, TravelPay, UnitRule
from outcomes_svc.pay.replay import replay
from outcomes_svc.pay.share import Basis, EpisodeFigures, GateResult, OutcomeFigures, TherapistFigures
from outcomes_svc.pay.statement import StatementInputs, Work, compute, statement
from outcomes_svc.pay.work import DrivenDay, EntryKind, PaidSession, TimeEntry, units

MAY = Month(2027, 5)
PLAN = PayPlan(
    version=2,
    effective_from=Month(2026, 1),
    currency="USD",
    time_zone="America/New_York",
    rates=(
        Rate(setting="clinic", service_type=None, per=RateUnit.UNIT, amount=Decimal("11.50")),
        Rate(setting="clinic", service_type="massage-60", per=RateUnit.SESSION, amount=Decimal("48.00")),
        Rate(setting="hospital", service_type=None, per=RateUnit.HOUR, amount=Decimal("46.00")),
        Rate(setting="private", service_type=None, per=RateUnit.UNIT, amount=Decimal("12.00")),
        Rate(setting="mobile", service_type=None, per=RateUnit.UNIT, amount=Decimal("14.25")),
    ),
    hourly=Decimal("24.00"),
    travel=TravelPay(per_kilometre=Decimal("0.655"), per_minute=Decimal("0.30")),
    outcome=OutcomePart(shadow_until=Month(2026, 12)),
)
GATES = (GateResult(name="n_eff", value=Decimal("41.2"), needed=Decimal(30), passed=True),)
FIGURES = OutcomeFigures(
    basis=Basis.ASSESSED,
    model_version="2027-abc",
    opened_from=date(2025, 12, 3),
    opened_until=date(2026, 12, 3),
    practice_effect=Decimal("0.080000"),
    tau2=Decimal("0.030000"),
    sigma2=Decimal("0.970000"),
    therapist=TherapistFigures(
        episodes=48,
        followed_up=42,
        follow_up_rate=Decimal("0.875000"),
        n_eff=Decimal("41.200000"),
        mean_residual=Decimal("0.258565"),
        reliability=Decimal("0.560272"),
        effect=Decimal("0.100000"),
        gates=GATES,
    ),
    episodes=(
        EpisodeFigures(
            episode_id="e-1",
            instrument="NPRS",
            instrument_version="1",
            opened_on=date(2026, 2, 1),
            sessions=("s-90", "s-91"),
            baseline=Decimal("7.000000"),
            baseline_score="sc-1",
            end=Decimal("3.000000"),
            end_score="sc-2",
            change=Decimal("4.000000"),
            predicted=Decimal("2.600000"),
            sigma=Decimal("2.000000"),
            residual=Decimal("0.700000"),
            weight=Decimal("1.120000"),
            outcome="counted",
            excluded=(),
        ),
    ),
)


def session(id_: str, minutes: int, setting: str = "clinic", service_type: str = "massage-30") -> PaidSession:
    day = date(2027, 5, 3)
    return PaidSession(id=id_, version=1, date=day, setting=setting, service_type=service_type, treated_minutes=minutes)


def inputs(*sessions: PaidSession, **changes: Any) -> StatementInputs:
    base = StatementInputs(
        practice="demo",
        therapist="t-1",
        month=MAY,
        sequence=1,
        previous=None,
        issued_at=datetime(2027, 6, 2, 14, tzinfo=UTC),
        plan=PLAN,
        work=Work(sessions=sessions),
        outcome=FIGURES,
        corrections=(),
    )
    return replace(base, **changes)


@pytest.mark.parametrize(("minutes", "count"), [(7, 0), (8, 1), (22, 1), (23, 2), (37, 2), (38, 3), (52, 3), (53, 4)])
def test_minutes_become_units_as_payers_count_them(minutes: int, count: int) -> None:
    assert units(minutes, UnitRule.EIGHT_MINUTES) == count


def test_each_setting_and_service_has_its_own_rate() -> None:
    lines = compute(
        inputs(
            session("a", 53),
            session("b", 60, service_type="massage-60"),
            session("c", 50, setting="hospital"),
            session("d", 23, setting="mobile"),
        )
    ).lines
    assert [(line.about["session"], str(line.quantity), str(line.amount)) for line in lines] == [
        ("a", "4.000000", "46.00"),
        ("b", "1.000000", "48.00"),
        ("c", "0.833333", "38.33"),
        ("d", "2.000000", "28.50"),
    ]


def test_hours_and_ways_are_paid_beside_sessions() -> None:
    day = date(2027, 5, 4)
    work = Work(
        sessions=(session("a", 53),),
        entries=(
            TimeEntry(id="h", kind=EntryKind.HOURS, date=day, quantity=Decimal("2.5")),
            TimeEntry(id="k", kind=EntryKind.KILOMETRES, date=day, quantity=Decimal("31")),
            TimeEntry(id="m", kind=EntryKind.DRIVE_MINUTES, date=day, quantity=Decimal("500")),
        ),
        drives=(DrivenDay(date=day, revision=2, minutes=41),),
    )
    sums = compute(inputs(work=work)).sums
    # 31 km at 0.655 are 20.305: half up. The minutes that the office recorded do not count beside the route's.
    assert (sums.hours, sums.travel) == (Decimal("60.00"), Decimal("20.31") + Decimal("12.30"))
    by_entries = replace(PLAN, travel=replace(PLAN.travel, minutes_from=DriveSource.ENTRIES))
    assert compute(inputs(work=work, plan=by_entries)).sums.travel == Decimal("20.31") + Decimal("150.00")


def test_the_outcome_part_follows_the_formula_on_base_pay_alone() -> None:
    sessions = [session(str(number), 53) for number in range(50)]
    entry = TimeEntry(id="h", kind=EntryKind.HOURS, date=date(2027, 5, 4), quantity=Decimal(10))
    found = compute(inputs(work=Work(sessions=tuple(sessions), entries=(entry,))))
    assert found.outcome is not None
    # 0.10 * (0.7 * 0.08 + 0.3 * 0.10) / 0.2
    assert found.outcome.rate == Decimal("0.043000")
    assert (found.outcome.base, found.outcome.paid) == (Decimal("2300.00"), Decimal("98.90"))
    assert found.sums.total == Decimal("2300.00") + Decimal("240.00") + Decimal("98.90")


@pytest.mark.parametrize(
    ("practice", "therapist", "rate"),
    [("-0.5", "-0.5", "0"), ("0.01", "-0.1", "0"), ("3", "3", "0.10"), ("0.2", "0.2", "0.10"), ("0.1", "0", "0.035")],
)
def test_nobody_is_paid_below_base_or_above_the_largest_share(practice: str, therapist: str, rate: str) -> None:
    assert FIGURES.therapist is not None
    own = replace(FIGURES.therapist, effect=Decimal(therapist))
    figures = replace(FIGURES, practice_effect=Decimal(practice), therapist=own)
    found = compute(inputs(session("a", 53), outcome=figures))
    assert found.outcome is not None
    assert found.outcome.rate == Decimal(rate)
    assert found.sums.total >= found.sums.sessions


def test_a_missed_gate_leaves_the_practice_share() -> None:
    assert FIGURES.therapist is not None
    missed = replace(FIGURES.therapist, gates=(replace(GATES[0], passed=False),))
    share = compute(inputs(session("a", 53), outcome=replace(FIGURES, therapist=missed))).outcome
    assert share is not None
    assert (share.individual, share.missed, share.rate) == (False, ("n_eff",), Decimal("0.028000"))


def test_in_shadow_the_part_is_shown_and_not_paid() -> None:
    assert PLAN.outcome is not None
    shadow = replace(PLAN, outcome=replace(PLAN.outcome, shadow_until=MAY))
    found = compute(inputs(session("a", 53), plan=shadow))
    assert found.outcome is not None
    assert (found.outcome.amount, found.outcome.paid, found.sums.outcome) == (Decimal("1.98"), Decimal(0), Decimal(0))
    assert found.sums.total == Decimal("46.00")


def test_without_a_model_base_is_paid_and_nothing_is_guessed() -> None:
    figures = replace(FIGURES, basis=Basis.NO_MODEL, model_version=None, therapist=None, episodes=())
    share = compute(inputs(session("a", 53), outcome=figures)).outcome
    assert share is not None
    assert (share.rate, share.paid) == (Decimal(0), Decimal(0))


def test_corrections_are_lines_of_their_own_and_reach_the_total() -> None:
    line = Correction(
        month=Month(2027, 4),
        statement="00ff",
        key="session:x",
        cause=Cause.SESSION_AMENDED,
        reference="x",
        before=Decimal("46.00"),
        after=Decimal("34.50"),
        difference=Decimal("-11.50"),
        fingerprint="…",
    )
    sums = compute(inputs(session("a", 53), outcome=None, corrections=(line,))).sums
    assert (sums.sessions, sums.corrections, sums.total) == (Decimal("46.00"), Decimal("-11.50"), Decimal("34.50"))


def test_the_same_inputs_give_the_same_bytes_and_they_can_be_computed_again() -> None:
    taken = inputs(session("a", 53), session("b", 23, setting="mobile"))
    content = statement(taken)
    assert statement(inputs(session("a", 53), session("b", 23, setting="mobile"))) == content
    again = replay(content)
    assert (again.equal, again.difference) == (True, None)
    assert again.sha256 == json.loads(content)["sha256"]


def test_the_order_in_which_sessions_became_known_changes_no_byte_of_what_is_computed() -> None:
    one = compute(inputs(session("a", 53), session("b", 23)))
    other = compute(inputs(session("b", 23), session("a", 53)))
    assert one == other


def test_any_altered_byte_is_caught() -> None:
    content = statement(inputs(session("a", 53), session("b", 23, setting="mobile")))
    for place in range(0, len(content), 41):
        altered = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        found = replay(altered)
        assert not found.equal, place
        assert found.difference


def test_the_first_difference_is_named() -> None:
    content = statement(inputs(session("a", 53)))
    found = replay(content.replace(b'"amount":"46.00","date"', b'"amount":"56.00","date"'))
    assert found.difference == "content.lines[0].amount is '56.00' in the statement and '46.00' in the replay"
    minutes = replay(content.replace(b'"treated_minutes":53', b'"treated_minutes":54'))
    assert (
        minutes.difference == "content.lines[0].about.treated_minutes is '53' in the statement and '54' in the replay"
    )
    cut = replay(content[:-1])
    assert cut.difference is not None
    assert cut.difference.startswith(f"byte {len(content) - 1}")
    for nothing in (b"", b"{}", b"[1]", b'{"content":{"format":"other"}}', b"\xff"):
        assert not replay(nothing).equal


def test_figures_and_money_have_one_spelling() -> None:
    assert str(figure(-0.0000001)) == "0.000000"
    assert str(figure(0.1 + 0.2)) == "0.300000"
    assert [str(rounded(Decimal(text), "USD")) for text in ("0.005", "0.015", "-0.005", "1")] == [
        "0.01",
        "0.02",
        "-0.01",
        "1.00",
    ]
    assert str(rounded(Decimal("99.5"), "JPY")) == "100"
    with pytest.raises(ValueError, match="finite"):
        figure(float("nan"))
    with pytest.raises(NotCanonical, match=r"\.a\[1\]: a float"):
        canonical({"a": [1, 2.5]})
