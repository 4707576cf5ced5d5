"""Baseline and end follow from fixed windows and the patient's own answers, whoever discharges when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outcomes_svc.episodes.episode import DischargeReason, Episode, Primary
from outcomes_svc.episodes.window import baseline_of, end_decided_at, end_of, mid_course_of
from outcomes_svc.results.episode_result import Exclusion
from outcomes_svc.scoring.change import Judgement
from outcomes_svc.scoring.measurement import Source
from outcomes_svc.scoring.score import Score, ScoreState

VISIT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
EPISODE = Episode(
    id="e-1",
    version=1,
    patient_id="p-1",
    condition="M54",
    primary=Primary("NPRS", "1", stand_in=False),
    first_session_id="s-1",
    opened_at=VISIT,
    last_session_at=VISIT + timedelta(days=30),
    sessions=5,
)


def score(day: float, value: float = 5, source: Source = Source.PATIENT, **changes: object) -> Score:
    made = Score(
        id=f"{source.value}-{day}",
        version=1,
        state=ScoreState.SCORED,
        source=source,
        source_id=f"{source.value}-{day}",
        patient_id="p-1",
        episode_id="e-1",
        therapist_id="t-1",
        session_id=None,
        assessment_id=None,
        instrument="NPRS",
        instrument_version="1",
        answers={"pain": value},
        rule="the single item",
        value=value,
        change=None,
        judgement=Judgement.UNCHANGED,
        compared_items=(),
        baseline_id=None,
        faults=(),
        measured_at=VISIT + timedelta(days=day),
        scored_at=VISIT,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("day", [-7, -2, 0, 1])
def test_a_baseline_is_answered_from_7_days_before_to_24_hours_after_visit_1(day: float) -> None:
    assert baseline_of(EPISODE, [score(day)]).score == score(day)


@pytest.mark.parametrize("day", [-7.01, 1.01, 20])
def test_earlier_or_later_it_is_outside_the_window(day: float) -> None:
    found = baseline_of(EPISODE, [score(day)])
    assert (found.score, found.excluded) == (None, Exclusion.BASELINE_OUTSIDE_WINDOW)


@pytest.mark.parametrize("source", [Source.EVALUATION, Source.SESSION])
def test_what_staff_took_down_is_no_baseline(source: Source) -> None:
    found = baseline_of(EPISODE, [score(-1, source=source)])
    assert (found.score, found.excluded) == (None, Exclusion.BASELINE_NOT_BY_PATIENT)


def test_answers_of_which_nobody_knows_who_gave_them_are_no_baseline() -> None:
    found = baseline_of(EPISODE, [score(-1, handed_over=True)])
    assert (found.score, found.excluded) == (None, Exclusion.BASELINE_NOT_BY_PATIENT)


@pytest.mark.parametrize(
    "changes",
    [
        {"instrument": "PEG"},
        {"instrument_version": "2"},
        {"episode_id": "e-2"},
        {"state": ScoreState.REFUSED, "value": None},
        {"state": ScoreState.WITHDRAWN, "value": None},
    ],
)
def test_other_instruments_versions_episodes_and_refused_scores_are_none(changes: dict[str, object]) -> None:
    found = baseline_of(EPISODE, [score(0, **changes)])
    assert (found.score, found.excluded) == (None, Exclusion.NO_BASELINE)
    assert end_of(EPISODE, [score(84, **changes)]) is None


def test_the_first_of_several_baselines_stands_so_a_worse_one_cannot_replace_it() -> None:
    assert baseline_of(EPISODE, [score(0.5, 9), score(-1, 6)]).score == score(-1, 6)


@pytest.mark.parametrize(("days", "end"), [((20.9,), None), ((21,), 21), ((180,), 180), ((180.1,), None)])
def test_an_end_is_answered_21_to_180_days_after_visit_1(days: tuple[float, ...], end: float | None) -> None:
    assert end_of(EPISODE, [score(day) for day in days]) == (None if end is None else score(end))


@pytest.mark.parametrize(
    ("days", "end"), [((30, 84), 84), ((30, 60, 120), 60), ((21, 170), 21), ((70, 98), 98), ((98, 70), 98)]
)
def test_the_end_is_the_score_closest_to_day_84_of_two_the_later(days: tuple[float, ...], end: float) -> None:
    assert end_of(EPISODE, [score(day) for day in days]) == score(end)


def test_a_discharge_at_the_peak_does_not_choose_the_end() -> None:
    course = [score(0, 8), score(30, 1), score(42, 4), score(84, 6)]
    discharged = EPISODE.ended_by("t-1", DischargeReason.GOALS_MET, VISIT + timedelta(days=30))
    assert discharged.state.value == "closed"
    assert end_of(discharged, course) == end_of(EPISODE, course) == score(84, 6)


def test_an_end_is_decided_when_no_answer_to_come_can_be_closer() -> None:
    assert end_decided_at(EPISODE, score(60)) == VISIT + timedelta(days=108)
    assert end_decided_at(EPISODE, score(90)) == VISIT + timedelta(days=90)
    assert end_decided_at(EPISODE, None) == VISIT + timedelta(days=180)
    late = [score(60), score(107.9)]
    assert end_of(EPISODE, late) == score(107.9)
    assert end_of(EPISODE, [score(60), score(108.1)]) == score(60)


def test_mid_course_is_the_last_own_score_before_the_end_can_be() -> None:
    course = [score(0), score(5), score(14), score(16, source=Source.SESSION), score(21)]
    assert mid_course_of(EPISODE, course) == score(14)
    assert mid_course_of(EPISODE, [score(0), score(21)]) is None
