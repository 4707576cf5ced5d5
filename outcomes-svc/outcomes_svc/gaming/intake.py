"""Who was evaluated for treatment, and of these, who never began. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from outcomes_svc.assessments.assessment import Assessment, Purpose
from outcomes_svc.episodes.baseline_evaluation import BEFORE_FIRST_SESSION, BaselineEvaluation, episode_of
from outcomes_svc.episodes.episode import Episode, Primary
from outcomes_svc.episodes.treated_session import condition_of
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.patients.case_mix import Patient, age
from outcomes_svc.results.episode_result import CaseMix, EpisodeResult
from outcomes_svc.scoring.scale import Scored, score, shown


@dataclass(frozen=True)
class NotBegun:
    """An evaluation after which no episode began within 30 days; `row` is what prediction needs, ids of the
    evaluation in the place of an episode's."""

    evaluation: BaselineEvaluation
    row: EpisodeResult


def evaluators(evaluations: Iterable[BaselineEvaluation], episodes: Sequence[Episode]) -> dict[str, BaselineEvaluation]:
    """The evaluation that each episode began with, by the episode's id: the last one before its first session."""
    of_patient: dict[str, list[Episode]] = defaultdict(list)
    for each in episodes:
        of_patient[each.patient_id].append(each)
    found: dict[str, BaselineEvaluation] = {}
    for evaluation in sorted(evaluations, key=lambda one: (one.signed_at, one.id)):
        episode = episode_of(evaluation, of_patient[evaluation.patient_id])
        if episode is not None and (evaluation.signed_at <= episode.opened_at or episode.id not in found):
            found[episode.id] = evaluation
    return found


def not_begun(
    evaluation: BaselineEvaluation,
    episodes: Sequence[Episode],
    asked: Iterable[Assessment],
    primary: Primary,
    patient: Patient | None,
    now: datetime,
) -> NotBegun | None:
    """The evaluation as a case that never began, or None where one did or still may.

    `episodes` and `asked` are the patient's, `primary` is the instrument that an episode would have been locked to.
    """
    if now < evaluation.signed_at + BEFORE_FIRST_SESSION or episode_of(evaluation, episodes) is not None:
        return None
    instrument = shipped().find(primary.instrument, primary.version)
    assert instrument is not None, "the table names instruments that ship"
    stated = evaluation.case_mix
    mix = CaseMix(
        age=age(patient.birth_date, evaluation.signed_at, patient.time_zone) if patient else None,
        sex=patient.sex if patient else None,
        symptom_weeks=stated.symptom_weeks if stated else None,
        surgery=stated.surgery if stated else None,
        comorbidities=stated.comorbidities if stated else None,
        payer=stated.payer if stated else None,
        prior_episode=any(episode.opened_at < evaluation.signed_at for episode in episodes),
    )
    row = EpisodeResult(
        episode_id=evaluation.id,
        patient_id=evaluation.patient_id,
        therapist_id=evaluation.therapist_id,
        location_id=None,
        setting="",
        condition=condition_of(evaluation.condition_codes),
        instrument=instrument.id,
        instrument_version=instrument.version,
        better=instrument.better.sign,
        opened_at=evaluation.signed_at,
        closed_at=None,
        sessions=0,
        session_ids=(),
        case_mix=mix,
        baseline=_baseline(evaluation, asked, primary),
    )
    return NotBegun(evaluation, row)


def _baseline(evaluation: BaselineEvaluation, asked: Iterable[Assessment], primary: Primary) -> float | None:
    """What the patient answered before a visit that never was, or else what the evaluation measured."""
    given: list[Mapping[str, float]] = [
        request.answers
        for request in asked
        if request.answers is not None
        and request.purpose is Purpose.BASELINE
        and (request.instrument, request.instrument_version) == (primary.instrument, primary.version)
        and abs(request.due_at - evaluation.signed_at) <= BEFORE_FIRST_SESSION
    ]
    given += [measure.answers for measure in evaluation.measures if measure.instrument == primary.instrument]
    instrument = shipped().find(primary.instrument, primary.version)
    if instrument is None or not given:
        return None
    result = score(instrument, given[0])
    return shown(result.value) if isinstance(result, Scored) else None
