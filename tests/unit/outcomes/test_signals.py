"""What scores say together draws a person's attention: a course that went flat, and one that turned for the worse."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.scoring.change import ChangeRule, Judgement, NoIndex, judge
from outcomes_svc.scoring.measurement import Source
from outcomes_svc.scoring.scale import Scored, score, shown
from outcomes_svc.scoring.score import Score, ScoreState
from outcomes_svc.scoring.signals import Signals, signals

DAY_0 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def instrument(id_: str) -> Instrument:
    found = shipped().current(id_)
    assert found is not None
    return found


def kept(id_: str, day: float, answers: Mapping[str, float], state: ScoreState = ScoreState.SCORED) -> Score:
    result = score(instrument(id_), answers)
    return Score(
        id=f"at {day}",
        version=1,
        state=state,
        source=Source.PATIENT,
        source_id=f"q-{day}",
        patient_id="p-1",
        episode_id="e-1",
        therapist_id="t-1",
        session_id=None,
        assessment_id=f"q-{day}",
        instrument=id_,
        instrument_version="1",
        answers=answers,
        rule=None,
        value=shown(result.value) if isinstance(result, Scored) else None,
        change=None,
        judgement=None,
        compared_items=(),
        baseline_id=None,
        faults=(),
        measured_at=DAY_0 + timedelta(days=day),
        scored_at=DAY_0,
    )


def pain(*rows: tuple[float, float]) -> list[Score]:
    return [kept("NPRS", day, {"pain": value}) for day, value in rows]


def of_pain(*rows: tuple[float, float]) -> Signals:
    return signals(pain(*rows), instrument("NPRS"))


def promis(total: int) -> Scored:
    """PROMIS pain interference 4a with this raw sum, 4 to 20."""
    chosen, answers, left = instrument("promis-pain-interference-4a-v1.0"), {}, total - 4
    for item in chosen.items:
        answers[item.code] = 1 + min(4, left)
        left -= answers[item.code] - 1
    result = score(chosen, answers)
    assert isinstance(result, Scored)
    return result


def test_falling_pain_is_a_rising_trend() -> None:
    found = of_pain((0, 8), (7, 7), (14, 5), (21, 4))
    assert found.trend is not None
    assert found.trend.per_week == pytest.approx(1.4)
    assert found.trend.low < 1.4 < found.trend.high
    assert (found.plateau, found.deterioration) == (None, None)


@pytest.mark.parametrize("rows", [(), ((0, 8),), ((0, 8), (7, 7))])
def test_little_says_little(rows: tuple[tuple[float, float], ...]) -> None:
    found = of_pain(*rows)
    assert (found.trend, found.plateau, found.deterioration) == (None, None, None)
    assert len(found.scores) == len(rows)


def test_a_flat_end_is_a_plateau_with_its_figures() -> None:
    found = of_pain((0, 8), (7, 4), (21, 4), (28, 5), (42, 4)).plateau
    assert found is not None
    assert (found.run.scores, found.run.weeks, found.last_change) == (4, 5, 1)
    assert (found.noise, found.noise_from) == (2, "mic")


@pytest.mark.parametrize(
    ("rows", "against", "reference", "change"),
    [
        (((0, 6), (7, 8)), "baseline", "at 0", -2),
        (((0, 6), (7, 7)), None, None, None),
        (((0, 8), (7, 3), (14, 6)), "best", "at 7", -3),
        (((0, 8), (7, 3), (14, 4)), None, None, None),
        (((0, 8), (7, 3), (14, 6), (21, 3)), None, None, None),  # it is the latest score that counts
        (((0, 3), (7, 3), (14, 6)), "baseline", "at 0", -3),  # the baseline where both are as good
    ],
)
def test_the_latest_score_is_held_against_the_baseline_and_the_best_so_far(
    rows: tuple[tuple[float, float], ...], against: str | None, reference: str | None, change: float | None
) -> None:
    found = of_pain(*rows).deterioration
    if against is None:
        assert found is None
    else:
        assert found is not None
        assert (found.against, found.reference, found.change.value) == (against, reference, change)
        assert found.latest == f"at {rows[-1][0]}"


def test_the_order_in_which_scores_are_given_does_not_matter() -> None:
    scores = pain((0, 8), (7, 3), (20, 3), (40, 6))
    expected = signals(scores, instrument("NPRS"))
    for order in itertools.permutations(scores):
        assert signals(order, instrument("NPRS")) == expected


def test_scores_of_another_version_refused_and_withdrawn_ones_are_left_out() -> None:
    scores = pain((0, 6), (7, 9))
    strange = replace(scores[1], instrument_version="0"), replace(scores[1], instrument="PEG")
    refused = replace(scores[1], state=ScoreState.REFUSED), replace(scores[1], state=ScoreState.WITHDRAWN)
    assert signals([scores[0], *strange, *refused], instrument("NPRS")).scores == ("at 0",)


def test_an_activity_that_is_added_later_is_no_setback() -> None:
    psfs = instrument("PSFS")
    scores = [
        kept("PSFS", 0, {"activity_1": 5}),
        kept("PSFS", 7, {"activity_1": 6, "activity_2": 0}),
        kept("PSFS", 14, {"activity_1": 7, "activity_2": 0}),
    ]
    found = signals(scores, psfs)
    assert found.deterioration is None
    assert found.trend is not None
    assert found.trend.per_week == pytest.approx(1)
    apart = [kept("PSFS", day, {f"activity_{day}": 5}) for day in (1, 2, 3)]
    assert signals(apart, psfs).trend is None


def test_with_standard_errors_a_change_must_be_reliable_and_important() -> None:
    rows = [(promis(20), promis(total)) for total in range(4, 21)]
    for before, after in rows:
        change = judge(before, after)
        assert (change.rule, change.no_index) == (ChangeRule.RCI_AND_MIC, None)
        assert change.index is not None
        assert change.value is not None
        assert before.standard_error is not None
        assert after.standard_error is not None
        expected = float(change.value) / (before.standard_error**2 + after.standard_error**2) ** 0.5
        assert change.index.index == pytest.approx(expected)
        important = before.instrument.mic is not None and change.value >= before.instrument.mic.absolute
        assert (change.judgement is Judgement.IMPROVED) == (expected > 1.96 and important)
    verdicts = {judge(before, after).judgement for before, after in rows}
    assert verdicts == {Judgement.IMPROVED, Judgement.UNCHANGED}
    assert judge(promis(5), promis(18)).judgement is Judgement.WORSE


def test_an_important_change_within_the_error_is_no_improvement() -> None:
    """At the floor of the table the standard error is large: six points there are not yet reliable."""
    within = [
        (before, after)
        for before in range(4, 21)
        for after in range(4, before)
        if (change := judge(promis(before), promis(after))).value is not None
        and change.index is not None
        and change.value >= 6
        and not change.index.reliable
    ]
    assert within
    assert all(judge(promis(b), promis(a)).judgement is Judgement.UNCHANGED for b, a in within)


def test_without_a_standard_error_there_is_no_index_and_it_says_why() -> None:
    def rated(**answers: float) -> Scored:
        result = score(instrument("PSFS"), answers)
        assert isinstance(result, Scored)
        return result

    change = judge(rated(activity_1=2), rated(activity_1=8))
    assert (change.index, change.no_index, change.rule) == (None, NoIndex.NO_ERROR_KNOWN, ChangeRule.MDC_AND_MIC)
    known = [
        replace(each, standard_error=Fraction(1)) for each in (rated(activity_1=2), rated(activity_1=8, activity_2=8))
    ]
    assert judge(*known).no_index is NoIndex.OTHER_ITEMS
    exact = [replace(each, standard_error=Fraction(0)) for each in (rated(activity_1=2), rated(activity_1=8))]
    assert judge(*exact).no_index is NoIndex.NO_ERROR_AT_ALL


def test_without_an_important_change_nothing_is_judged() -> None:
    before, after = score(instrument("NPRS"), {"pain": 8}), score(instrument("NPRS"), {"pain": 2})
    assert isinstance(before, Scored)
    assert isinstance(after, Scored)
    bare = replace(instrument("NPRS"), mic=None)
    change = judge(replace(before, instrument=bare), replace(after, instrument=bare))
    assert (change.judgement, change.value, change.rule) == (Judgement.NOT_COMPARABLE, 6, None)
