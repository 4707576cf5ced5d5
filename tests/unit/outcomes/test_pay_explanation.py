"""What a therapist reads: worked figures that come out, no code word without its meaning, the same PDF bytes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from outcomes_svc.pay.correction import Cause, Correction
from outcomes_svc.pay.explanation import Explanation, explain
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.pdf import pdf
from outcomes_svc.pay.plan import OutcomePart, PayPlan, Rate, RateUnit, UnitRule
from outcomes_svc.pay.share import Basis, EpisodeFigures, GateResult, OutcomeFigures, TherapistFigures
from outcomes_svc.pay.spelling import money, percent, percent_reached, reached
from outcomes_svc.pay.statement import StatementInputs, Work, statement
from outcomes_svc.pay.words import CAUSES, EXCLUSIONS, GATES, NOT_COUNTED, SETTINGS
from outcomes_svc.pay.work import PaidSession
from outcomes_svc.performance.gates import Evidence, GatePolicy, gates_of
from outcomes_svc.performance.performance import LOST_TO_FOLLOW_UP, NOT_IN_MODEL
from outcomes_svc.results.episode_result import Exclusion

DAY = date(2027, 5, 3)
PLAN = PayPlan(
    version=1,
    effective_from=Month(2026, 1),
    currency="USD",
    time_zone="UTC",
    rates=(
        Rate(setting="clinic", service_type=None, per=RateUnit.UNIT, amount=Decimal("11.50")),
        Rate(setting="hospital", service_type=None, per=RateUnit.HOUR, amount=Decimal("46.00")),
    ),
    outcome=OutcomePart(shadow_until=Month(2026, 12)),
)


def episode(id_: str, outcome: str = "counted", excluded: tuple[str, ...] = ()) -> EpisodeFigures:
    known = outcome == "counted"
    return EpisodeFigures(
        episode_id=id_,
        instrument="NPRS",
        instrument_version="1",
        opened_on=DAY,
        sessions=("s",),
        baseline=Decimal(7),
        baseline_score="b",
        end=Decimal(3) if known else None,
        end_score="e" if known else None,
        change=Decimal(4) if known else None,
        predicted=Decimal("2.6") if known else None,
        sigma=Decimal(2) if known else None,
        residual=Decimal("0.7") if known else None,
        weight=Decimal("1.1") if known else None,
        outcome=outcome,
        excluded=excluded,
    )


FIGURES = OutcomeFigures(
    basis=Basis.ASSESSED,
    model_version="m",
    opened_from=date(2025, 12, 3),
    opened_until=date(2026, 12, 3),
    practice_effect=Decimal("0.070392"),
    tau2=Decimal("0.03"),
    sigma2=Decimal("0.97"),
    therapist=TherapistFigures(
        episodes=48,
        followed_up=42,
        follow_up_rate=Decimal("0.6996"),
        n_eff=Decimal("41.2"),
        mean_residual=Decimal("0.2"),
        reliability=Decimal("0.56"),
        effect=Decimal("-0.246231"),
        gates=(GateResult(name="follow_up", value=Decimal("0.6996"), needed=Decimal("0.7"), passed=False),),
    ),
    episodes=(episode("one"), episode("two", "excluded", ("still_open",)), episode("three", "lost_to_follow_up")),
)
APRIL = Correction(
    month=Month(2027, 4),
    statement="ff",
    key="session:x",
    cause=Cause.SESSION_AMENDED,
    reference="x",
    before=Decimal("1046.00"),
    after=Decimal("34.50"),
    difference=Decimal("-1011.50"),
    fingerprint="",
)


def found(**changes: Any) -> Explanation:
    sessions = tuple(
        PaidSession(id=id_, version=1, date=DAY, setting=setting, service_type="m", treated_minutes=minutes)
        for id_, setting, minutes in (("a", "clinic", 53), ("b", "hospital", 38), ("c", "clinic", 20))
    )
    base = StatementInputs(
        practice="demo",
        therapist="t-1",
        month=Month(2027, 5),
        sequence=1,
        previous=None,
        issued_at=datetime(2027, 6, 2, tzinfo=UTC),
        plan=PLAN,
        work=Work(sessions=sessions),
        outcome=FIGURES,
        corrections=(APRIL,),
    )
    return explain(json.loads(statement(replace(base, **changes))))


def value(text: str) -> Decimal:
    """What a worked line such as 4 units times $11.50 comes to."""
    product = Decimal(1)
    for factor in re.sub(r"^\d+ minutes: ", "", text).split("×"):
        above, _, below = re.sub(r"[^\d./-]", "", factor).partition("/")
        product *= Decimal(above) / Decimal(below or 1)
    return product


@pytest.mark.parametrize("rule", list(UnitRule))
def test_every_sessions_worked_figures_come_out(rule: UnitRule) -> None:
    for row in found(plan=replace(PLAN, unit_rule=rule)).sessions:
        cents = value(row.detail).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        assert f"${cents}" == row.amount, row


def test_the_parts_add_up_to_the_total() -> None:
    said = found()
    amounts = [Decimal(re.sub(r"[$,]", "", row.amount)) for row in said.sums]
    assert sum(amounts) == Decimal(re.sub(r"[$,]", "", said.total))
    assert [row.amount for row in said.corrections] == ["-$1,011.50"]
    assert said.corrections[0].detail == "x: $1,046.00 before, $34.50 now"


def test_a_missed_gate_is_said_and_not_rounded_away() -> None:
    said = found()
    assert any("did not count" in text for text in said.results)
    assert [(gate.text, gate.passed) for gate in said.gates] == [
        ("69.9 % of your patients answered at the end; at least 70 % is needed.", False)
    ]
    assert said.working[1].amount == "0.000000"


def test_what_counts_and_what_does_not_is_told_apart() -> None:
    said = found()
    assert [row.detail for row in said.counted] == ["changed +4.00, expected +2.60, weight 1.1"]
    assert [row.detail for row in said.not_counted] == ["treatment goes on", "the patient did not answer at the end"]


def test_the_trial_period_and_a_missing_model_are_said() -> None:
    assert PLAN.outcome is not None
    shadow = found(plan=replace(PLAN, outcome=replace(PLAN.outcome, shadow_until=Month(2027, 12))))
    assert shadow.shadow
    assert any("trial period" in text and "not paid" in text for text in shadow.results)
    nothing = found(outcome=replace(FIGURES, basis=Basis.NO_MODEL, therapist=None))
    assert "no published prediction" in nothing.results[0]
    assert (nothing.working, nothing.gates) == ((), ())
    assert found(plan=replace(PLAN, outcome=None), outcome=None).results == ("Your pay plan has no part for results.",)


def test_no_code_reaches_a_reader_without_its_meaning() -> None:
    assert set(CAUSES) == set(Cause)
    assert set(EXCLUSIONS) == set(Exclusion)
    assert {LOST_TO_FOLLOW_UP, NOT_IN_MODEL} <= set(NOT_COUNTED)
    assert set(SETTINGS) == {"clinic", "hospital", "private", "mobile"}
    evidence = Evidence(followed_up=1, missing=1, total=1, n_eff=1, reliability=1, effect=1, practice=1, low=1)
    assert {gate.name for gate in gates_of(evidence, GatePolicy())} == set(GATES)


def test_the_pdf_has_the_same_bytes_every_time() -> None:
    assert pdf(found()) == pdf(found())
    assert pdf(found()) != pdf(found(sequence=2))


def test_amounts_and_shares_are_written_as_people_write_them() -> None:
    assert [money(text, "USD") for text in ("1234.50", "-0.05", "0.00")] == ["$1,234.50", "-$0.05", "$0.00"]
    assert (money("12", "JPY"), money("3.20", "CHF")) == ("JPY 12", "CHF 3.20")
    assert [money(text, "USD") for text in ("11.5", "24", "0.655")] == ["$11.50", "$24.00", "$0.655"]
    assert [percent(text) for text in ("0.043000", "0.100000", "0.000000")] == ["4.3 %", "10 %", "0 %"]
    assert (percent_reached("0.69996"), reached("29.996000"), reached("30.000000")) == ("69.9 %", "29.99", "30")
