"""Case mix is what was true when treatment began, and nothing later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation, StatedCaseMix
from outcomes_svc.episodes.episode import Episode, EpisodeState, Primary
from outcomes_svc.patients.case_mix import Patient, age, case_mix
from outcomes_svc.results.episode_result import CaseMix
from outcomes_svc.scoring.measurement import Source
from outcomes_svc.scoring.score import Score, ScoreState

VISIT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
"""The evening of 28 February in Boston."""
EPISODE = Episode(
    id="e-1",
    version=1,
    patient_id="p-1",
    condition="M54",
    primary=Primary("PEG", "1", stand_in=False),
    first_session_id="s-1",
    opened_at=VISIT,
    last_session_at=VISIT,
    sessions=1,
)
PATIENT = Patient(
    id="p-1",
    version=1,
    birth_date=date(1980, 3, 1),
    sex="female",
    language="en",
    time_zone="America/New_York",
    deceased=False,
)


def evaluation(day: float, **stated: object) -> BaselineEvaluation:
    return BaselineEvaluation(
        id=f"ev-{day}",
        patient_id="p-1",
        therapist_id="t-1",
        condition_codes=("M54.59",),
        signed_at=VISIT + timedelta(days=day),
        measures=(),
        case_mix=StatedCaseMix(**stated) if stated else None,  # type: ignore[arg-type]
    )


def pain(day: float, value: float, source: Source = Source.PATIENT, **changes: object) -> Score:
    made = Score(
        id=f"{source.value}-{day}",
        version=1,
        state=ScoreState.SCORED,
        source=source,
        source_id="x",
        patient_id="p-1",
        episode_id="e-1",
        therapist_id=None,
        session_id=None,
        assessment_id=None,
        instrument="NPRS",
        instrument_version="1",
        answers={},
        rule=None,
        value=value,
        change=None,
        judgement=None,
        compared_items=(),
        baseline_id=None,
        faults=(),
        measured_at=VISIT + timedelta(days=day),
        scored_at=VISIT,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_all_that_is_known_of_the_beginning() -> None:
    stated = evaluation(-3, symptom_weeks=9.0, surgery=True, comorbidities=2, payer="medicare")
    assert case_mix(EPISODE, PATIENT, [stated], [EPISODE], [pain(-1, 7)]) == CaseMix(
        age=45,
        sex="female",
        symptom_weeks=9.0,
        surgery=True,
        comorbidities=2,
        baseline_pain=7,
        payer="medicare",
        prior_episode=False,
    )


def test_nothing_is_made_up() -> None:
    assert case_mix(EPISODE, None, [], [EPISODE], []) == CaseMix()
    assert case_mix(EPISODE, None, [evaluation(-1)], [EPISODE], []).comorbidities is None


def test_a_birthday_is_counted_where_the_patient_lives() -> None:
    assert age(date(1980, 3, 1), VISIT, "America/New_York") == 45
    assert age(date(1980, 3, 1), VISIT, "Europe/Berlin") == 46


@pytest.mark.parametrize(("days", "weeks"), [((-31,), None), ((-20, -3), 3.0), ((-3, 5), 3.0), ((5,), None)])
def test_the_last_evaluation_before_treatment_counts_and_none_after_it(
    days: tuple[float, ...], weeks: float | None
) -> None:
    signed = [evaluation(day, symptom_weeks=abs(float(day))) for day in days]
    assert case_mix(EPISODE, PATIENT, signed, [EPISODE], []).symptom_weeks == weeks


def test_an_evaluation_of_another_condition_says_nothing() -> None:
    other = replace(evaluation(-1, surgery=True), condition_codes=("G56.01",))
    assert case_mix(EPISODE, PATIENT, [other], [EPISODE], []).surgery is None


@pytest.mark.parametrize(
    "score",
    [
        pain(-1, 9, Source.SESSION),
        pain(-1, 9, Source.EVALUATION),
        pain(-8, 9),
        pain(2, 9),
        pain(-1, 9, handed_over=True),
        pain(-1, 9, instrument="PEG"),
    ],
)
def test_baseline_pain_is_the_patients_own_in_the_window(score: Score) -> None:
    assert case_mix(EPISODE, PATIENT, [], [EPISODE], [score]).baseline_pain is None
    assert case_mix(EPISODE, PATIENT, [], [EPISODE], [score, pain(-0.5, 6), pain(0.5, 2)]).baseline_pain == 6


def test_an_earlier_episode_counts_unless_it_turned_out_to_be_none() -> None:
    earlier = replace(EPISODE, id="e-0", opened_at=VISIT - timedelta(days=200))
    assert case_mix(EPISODE, PATIENT, [], [EPISODE, earlier], []).prior_episode
    void = replace(earlier, state=EpisodeState.VOID)
    assert not case_mix(EPISODE, PATIENT, [], [EPISODE, void], []).prior_episode
    assert not case_mix(earlier, PATIENT, [], [EPISODE, earlier], []).prior_episode
