"""What an episode's scores and requests say about how it was measured, and who was evaluated and never began."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from outcomes_svc.assessments.assessment import Assessment, Purpose
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation, StatedCaseMix
from outcomes_svc.episodes.episode import CloseReason, Discharge, DischargeReason, Episode, EpisodeState, Primary
from outcomes_svc.episodes.treated_session import Measure, TreatedSession
from outcomes_svc.gaming.intake import evaluators, not_begun
from outcomes_svc.gaming.marks import Marks, marks_of
from outcomes_svc.patient_page.form import seconds_open
from outcomes_svc.patients.case_mix import Patient
from outcomes_svc.results.episode_result import CaseMix, EpisodeResult
from outcomes_svc.scoring.change import Judgement
from outcomes_svc.scoring.measurement import Source
from outcomes_svc.scoring.score import Score, ScoreState

VISIT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
LOCKED = Primary("PEG", "1", stand_in=False)
EPISODE = Episode(
    id="e-1",
    version=1,
    patient_id="p-1",
    condition="M54",
    primary=LOCKED,
    first_session_id="s-1",
    opened_at=VISIT,
    last_session_at=VISIT + timedelta(days=30),
    sessions=5,
    state=EpisodeState.CLOSED,
    close_reason=CloseReason.DISCHARGED,
    discharge=Discharge(VISIT + timedelta(days=31), "t-1", DischargeReason.GOALS_MET),
)


def score(day: float, *answers: float, **changes: object) -> Score:
    value = sum(answers) / len(answers)
    made = Score(
        id=f"score-{day}",
        version=1,
        state=ScoreState.SCORED,
        source=Source.PATIENT,
        source_id=f"a-{day}",
        patient_id="p-1",
        episode_id="e-1",
        therapist_id="t-1",
        session_id=None,
        assessment_id=f"a-{day}",
        instrument="PEG",
        instrument_version="1",
        answers={f"item-{n}": answer for n, answer in enumerate(answers)},
        rule="mean of 3",
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


def request(day: float, **changes: object) -> Assessment:
    made = Assessment(
        id=f"a-{day}",
        version=2,
        patient_id="p-1",
        episode_id="e-1",
        session_id="s-1",
        therapist_id="t-1",
        instrument="PEG",
        instrument_version="1",
        items=("item-0", "item-1", "item-2"),
        due_at=VISIT + timedelta(days=day),
        expires_at=VISIT + timedelta(days=day + 7),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def result(end: Score | None) -> EpisodeResult:
    return EpisodeResult(
        episode_id="e-1",
        patient_id="p-1",
        therapist_id="t-1",
        location_id=None,
        setting="clinic",
        condition="M54",
        instrument="PEG",
        instrument_version="1",
        better=-1,
        opened_at=VISIT,
        closed_at=EPISODE.closes_at,
        sessions=5,
        session_ids=("s-1",),
        case_mix=CaseMix(),
        baseline=7.0,
        baseline_score_id="score-0",
        end=end.value if end else None,
        end_at=end.measured_at if end else None,
        end_score_id=end.id if end else None,
    )


COURSE = [score(0, 8, 7, 6), score(7, 7, 6, 6), score(14, 6, 6, 5)]


def marks(end: Score, episode: Episode = EPISODE, **known: object) -> Marks:
    more = {"asked": [], "sessions": [], **known}
    return marks_of(result(end), episode, [*COURSE, end], more["asked"], more["sessions"])  # type: ignore[arg-type]


def test_an_early_best_score_at_the_discharge_is_marked_and_a_late_one_is_not() -> None:
    found = marks(score(30, 3, 2, 2))
    assert (found.at_peak, found.end_day, found.best) == (1.0, 30.0, 0.0)
    assert marks(score(84, 3, 2, 2)).at_peak == 0.0
    stopped = replace(EPISODE, close_reason=CloseReason.NO_VISIT_60_DAYS)
    assert marks(score(30, 3, 2, 2), stopped).at_peak == 0.0


def test_one_answer_throughout_is_marked_unless_everything_is_well() -> None:
    assert marks(score(84, 4, 4, 4)).same_answer == 1.0
    assert marks(score(84, 4, 4, 3)).same_answer == 0.0
    well = marks(score(84, 0, 0, 0))
    assert (well.same_answer, well.best) == (None, 1.0)
    assert marks(score(84, 4, 4)).same_answer is None


def test_seconds_count_per_question_and_are_unknown_without_the_page() -> None:
    end = score(84, 4, 3, 2)
    assert marks(end, asked=[request(84, answered_in_seconds=12)]).item_seconds == 4.0
    assert marks(end, asked=[request(84)]).item_seconds is None


def test_an_answer_during_a_session_of_the_patient_is_marked() -> None:
    at = VISIT + timedelta(days=84)
    held = TreatedSession(
        id="s-9",
        version=1,
        patient_id="p-1",
        therapist_id="t-1",
        appointment_id="a",
        claim_id=None,
        location_id=None,
        setting="clinic",
        service_type="massage-60",
        condition_codes=("M54.59",),
        started_at=at - timedelta(minutes=30),
        ended_at=at + timedelta(minutes=20),
        signed_at=at,
        treated_minutes=50,
        measures=(),
    )
    assert marks(score(84, 4, 3, 2), sessions=[held]).in_visit == 1.0
    over = replace(held, ended_at=at - timedelta(minutes=1))
    assert marks(score(84, 4, 3, 2), sessions=[over]).in_visit == 0.0


def test_unusual_baselines_are_named() -> None:
    end = score(84, 4, 3, 2)
    assert marks(end).irregular is None
    assert marks(end, replace(EPISODE, primary=replace(LOCKED, stand_in=True))).irregular == "stand_in_instrument"
    other = request(0, instrument="NPRS", purpose=Purpose.BASELINE)
    assert marks(end, asked=[other]).irregular == "other_instrument_asked"
    twice = marks_of(result(end), EPISODE, [*COURSE, score(0.5, 9, 9, 9), end], [], [])
    assert twice.irregular == "baseline_answered_again"


def test_without_an_end_nothing_is_said_of_answers() -> None:
    found = marks_of(result(None), EPISODE, COURSE, [], [])
    assert (found.end_day, found.at_peak, found.best, found.in_visit) == (None, None, None, None)


EVALUATION = BaselineEvaluation(
    id="ev-1",
    patient_id="p-1",
    therapist_id="t-2",
    condition_codes=("M54.59",),
    signed_at=VISIT - timedelta(days=3),
    measures=(Measure(instrument="NPRS", version="1", answers={"pain": 8.0}),),
    case_mix=StatedCaseMix(symptom_weeks=20, comorbidities=2, payer="medicare"),
)
PAIN = Primary("NPRS", "1", stand_in=False)
LATER = VISIT + timedelta(days=60)


def test_an_evaluation_belongs_to_the_episode_of_its_own_patient() -> None:
    other = replace(EPISODE, id="e-2", patient_id="p-2")
    assert list(evaluators([EVALUATION], [other, EPISODE])) == ["e-1"]
    again = replace(EVALUATION, id="ev-2", therapist_id="t-3", signed_at=VISIT + timedelta(days=5))
    assert evaluators([again, EVALUATION], [EPISODE])["e-1"].therapist_id == "t-2"
    assert evaluators([again], [EPISODE])["e-1"].therapist_id == "t-3"


def test_who_was_evaluated_and_never_began_counts_with_what_was_known_of_them() -> None:
    patient = Patient(
        id="p-1",
        version=1,
        birth_date=date(1960, 1, 1),
        sex="female",
        language="en",
        time_zone="America/New_York",
        deceased=False,
    )
    case = not_begun(EVALUATION, [], [], PAIN, patient, LATER)
    assert case is not None
    assert (case.row.therapist_id, case.row.baseline, case.row.sessions) == ("t-2", 8.0, 0)
    assert (case.row.case_mix.age, case.row.case_mix.symptom_weeks, case.row.case_mix.payer) == (66, 20, "medicare")
    assert not_begun(EVALUATION, [], [], PAIN, patient, VISIT) is None, "it may still begin"
    assert not_begun(EVALUATION, [EPISODE], [], PAIN, patient, LATER) is None, "it began"


def test_what_the_patient_answered_before_the_visit_goes_before_what_was_taken_down() -> None:
    own = request(-2, instrument="NPRS", purpose=Purpose.BASELINE, answers={"pain": 6.0})
    case = not_begun(EVALUATION, [], [own], PAIN, None, LATER)
    assert case is not None
    assert (case.row.baseline, case.row.case_mix.age) == (6.0, None)
    unmeasured = not_begun(replace(EVALUATION, measures=()), [], [], PAIN, None, LATER)
    assert unmeasured is not None
    assert unmeasured.row.baseline is None


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (str(int(VISIT.timestamp()) - 42), 42),
        (str(int(VISIT.timestamp())), 0),
        (str(int(VISIT.timestamp()) + 5), None),
        (str(int(VISIT.timestamp()) - 90_000), None),
        ("", None),
        ("soon", None),
        ("١٢", None),
        ("9" * 400, None),
    ],
)
def test_how_long_the_page_was_open_is_believed_within_a_day_only(sent: str, seconds: int | None) -> None:
    assert seconds_open(sent, VISIT) == seconds
