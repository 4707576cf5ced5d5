"""Scores of a patient follow from the set of measurements; what is stored changes only where the result does."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fascia.problem import Conflict, Gone
from outcomes_svc.assessments.assessment import AnswersRefused, Assessment, AssessmentState
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.scoring.measurement import Measurement, Source
from outcomes_svc.scoring.score import Score, ScoreState, derive, settle

DAY_0 = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)


def taken(id_: str, day: int, source: Source = Source.SESSION, **answers: float) -> Measurement:
    return Measurement(
        source=source,
        source_id=id_,
        patient_id="p-1",
        episode_id="e-1",
        therapist_id="t-1",
        session_id=id_,
        assessment_id=None,
        instrument="NPRS",
        instrument_version="1",
        answers=answers,
        measured_at=DAY_0 + timedelta(days=day),
    )


def run(measurements: list[Measurement], stored: list[Score], now: datetime = DAY_0) -> list[Score]:
    return settle(derive(measurements, shipped()), stored, name=lambda key: f"score of {key}", now=now)


HISTORY = [
    taken("s-1", 0, pain=8),
    taken("a-1", 0, Source.PATIENT, pain=7),
    taken("s-2", 7, pain=11),
    taken("a-2", 8, Source.PATIENT, pain=5),
    taken("s-3", 14, pain=10),
]


def result(scores: list[Score]) -> list[tuple[object, ...]]:
    return sorted((s.source_id, s.state.value, s.value, s.change, s.judgement) for s in scores)


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(HISTORY)))))
def test_every_order_of_arrival_ends_in_the_same_scores(order: tuple[int, ...]) -> None:
    stored: dict[tuple[str, str], Score] = {}
    for count in range(1, len(order) + 1):
        known = [HISTORY[place] for place in order[:count]]
        stored |= {score.key: score for score in run(known, list(stored.values()))}
    assert result(list(stored.values())) == [
        ("a-1", "scored", 7, 1, "unchanged"),
        ("a-2", "scored", 5, 3, "improved"),
        ("s-1", "scored", 8, None, "baseline"),
        ("s-2", "refused", None, None, None),
        ("s-3", "scored", 10, -2, "worse"),
    ]
    by_id = {score.id: score for score in stored.values()}
    assert {by_id[s.baseline_id].source_id for s in stored.values() if s.baseline_id} == {"s-1"}


def test_running_again_writes_nothing() -> None:
    stored = run(HISTORY, [])
    assert run(HISTORY, stored, now=DAY_0 + timedelta(days=30)) == []


def test_only_what_changed_is_written() -> None:
    stored = run(HISTORY, [])
    amended = [replace(m, answers={"pain": 6}) if m.source_id == "s-2" else m for m in HISTORY]
    (changed,) = run(amended, stored)
    assert (changed.source_id, changed.state, changed.value, changed.version) == ("s-2", ScoreState.SCORED, 6, 2)


def test_a_measurement_that_is_taken_back_is_withdrawn_once() -> None:
    stored = run(HISTORY[:1], [])
    (withdrawn,) = run([], stored)
    assert (withdrawn.state, withdrawn.value, withdrawn.judgement) == (ScoreState.WITHDRAWN, None, None)
    assert run([], [withdrawn]) == []
    (back,) = run(HISTORY[:1], [withdrawn])
    assert (back.id, back.state, back.version) == (stored[0].id, ScoreState.SCORED, 3)


def asked() -> Assessment:
    return Assessment(
        id="q-1",
        version=1,
        patient_id="p-1",
        episode_id="e-1",
        session_id="s-1",
        therapist_id="t-1",
        instrument="NPRS",
        instrument_version="1",
        items=("pain",),
        due_at=DAY_0,
        expires_at=DAY_0 + timedelta(days=7),
    )


def test_an_assessment_is_answered_once_and_in_time() -> None:
    nprs = shipped().find("NPRS", "1")
    assert nprs is not None
    answered = asked().answered(nprs, {"pain": 3}, DAY_0)
    assert (answered.answers, answered.version) == ({"pain": 3.0}, 2)
    assert answered.state(DAY_0 + timedelta(days=30)) is AssessmentState.ANSWERED
    with pytest.raises(Conflict):
        answered.answered(nprs, {"pain": 4}, DAY_0)
    assert asked().state(DAY_0 + timedelta(days=7)) is AssessmentState.EXPIRED
    with pytest.raises(Gone):
        asked().answered(nprs, {"pain": 4}, DAY_0 + timedelta(days=7))
    with pytest.raises(AnswersRefused) as refused:
        asked().answered(nprs, {"pain": 40, "ache": 1}, DAY_0)
    assert [error.field for error in refused.value.errors] == ["answers.pain", "answers.ache"]
