"""A score as it is kept: its inputs, the instrument's version, the rule, and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from outcomes_svc.episodes.answered_by import AnsweredBy
from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.scoring.change import Change, Judgement, judge
from outcomes_svc.scoring.measurement import Measurement, Source, in_order
from outcomes_svc.scoring.scale import Fault, Refused, Scored, measured_twice, score, shown, unknown_instrument

Key = tuple[str, str]


class ScoreState(StrEnum):
    """`withdrawn`: an amendment took its answers back."""

    SCORED = "scored"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Score:
    """One measurement and what it came to. `value`, `change` and `judgement` are None unless it was scored."""

    id: str
    version: int
    state: ScoreState
    source: Source
    source_id: str
    patient_id: str
    episode_id: str
    therapist_id: str | None
    session_id: str | None
    assessment_id: str | None
    instrument: str
    instrument_version: str | None
    answers: Mapping[str, float]
    rule: str | None
    value: float | None
    change: float | None
    judgement: Judgement | None
    compared_items: tuple[str, ...]
    baseline_id: str | None
    faults: tuple[Fault, ...]
    measured_at: datetime
    scored_at: datetime
    handed_over: bool = False

    @property
    def answered_by(self) -> AnsweredBy:
        """Who gave the answers: only behind a patient's own link or login is it known to be the patient."""
        if self.source is not Source.PATIENT:
            return AnsweredBy.THERAPIST
        return AnsweredBy.UNKNOWN if self.handed_over else AnsweredBy.PATIENT

    @property
    def key(self) -> Key:
        """The identity of the measurement behind the score."""
        return self.source_id, self.instrument

    def same_result(self, other: Score) -> bool:
        """Equal but for when and how often it was computed."""
        return self == replace(other, version=self.version, scored_at=self.scored_at)


@dataclass(frozen=True)
class Outcome:
    """What a measurement came to, beside the first scored one of its episode and instrument."""

    measurement: Measurement
    result: Scored | Refused
    change: Change | None
    baseline: Key | None


def derive(measurements: Iterable[Measurement], catalogue: Catalogue) -> list[Outcome]:
    """Score a patient's measurements. The result depends on the set alone, not on the order of arrival."""
    baselines: dict[tuple[str, str], tuple[Key, Scored]] = {}
    outcomes: list[Outcome] = []
    for measurement in in_order(measurements):
        result = _score(measurement, catalogue)
        if isinstance(result, Refused):
            outcomes.append(Outcome(measurement, result, None, None))
            continue
        place = measurement.episode_id, measurement.instrument
        key, baseline = baselines.setdefault(place, (measurement.key, result))
        change = Change(Judgement.BASELINE) if key == measurement.key else judge(baseline, result)
        outcomes.append(Outcome(measurement, result, change, key))
    return outcomes


def settle(
    outcomes: Iterable[Outcome], stored: Iterable[Score], *, name: Callable[[Key], str], now: datetime
) -> list[Score]:
    """The scores to write so that what is stored says what `outcomes` say; nothing where it already does.

    `name` gives the id of the score of a measurement that is not stored yet.
    """
    outcomes, known = list(outcomes), {score.key: score for score in stored}
    ids = {key: known[key].id if key in known else name(key) for key in (each.measurement.key for each in outcomes)}
    changed = []
    for outcome in outcomes:
        before = known.pop(outcome.measurement.key, None)
        after = _score_of(outcome, ids, before.version + 1 if before else 1, now)
        if before is None or not after.same_result(before):
            changed.append(after)
    return changed + [_withdrawn(gone, now) for gone in known.values() if gone.state is not ScoreState.WITHDRAWN]


def _score(measurement: Measurement, catalogue: Catalogue) -> Scored | Refused:
    instrument = catalogue.find(measurement.instrument, measurement.instrument_version or "")
    if instrument is None:
        return unknown_instrument(measurement.instrument, sorted({known.id for known in catalogue.all()}))
    if measurement.conflicting:
        return measured_twice(measurement.instrument)
    return score(instrument, measurement.answers)


def _score_of(outcome: Outcome, ids: Mapping[Key, str], version: int, now: datetime) -> Score:
    taken, result, change = outcome.measurement, outcome.result, outcome.change or Change(Judgement.NOT_COMPARABLE)
    scored = result if isinstance(result, Scored) else None
    return Score(
        id=ids[taken.key],
        version=version,
        state=ScoreState.SCORED if scored else ScoreState.REFUSED,
        source=taken.source,
        source_id=taken.source_id,
        patient_id=taken.patient_id,
        episode_id=taken.episode_id,
        therapist_id=taken.therapist_id,
        session_id=taken.session_id,
        assessment_id=taken.assessment_id,
        instrument=taken.instrument,
        instrument_version=taken.instrument_version,
        answers=dict(taken.answers),
        rule=scored.instrument.rule_name if scored else None,
        value=shown(scored.value) if scored else None,
        change=None if change.value is None else shown(change.value),
        judgement=change.judgement if scored else None,
        compared_items=change.items,
        baseline_id=ids[outcome.baseline] if outcome.baseline else None,
        faults=result.faults if isinstance(result, Refused) else (),
        measured_at=taken.measured_at,
        scored_at=now,
        handed_over=taken.handed_over,
    )


def _withdrawn(gone: Score, now: datetime) -> Score:
    return replace(
        gone,
        version=gone.version + 1,
        state=ScoreState.WITHDRAWN,
        value=None,
        change=None,
        judgement=None,
        compared_items=(),
        baseline_id=None,
        scored_at=now,
    )
