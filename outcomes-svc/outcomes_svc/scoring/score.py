"""A score as it is kept: its inputs, the instrument's version, the rule, and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from outcomes_svc.episodes.answered_by import AnsweredBy
from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.scoring.change import Change, ChangeRule, Judgement, NoIndex, judge
from outcomes_svc.scoring.measurement import Measurement, Source, in_order
from outcomes_svc.scoring.scale import (
    Fault,
    Refused,
    Scored,
    licence_required,
    measured_twice,
    score,
    shown,
    unknown_instrument,
    unknown_version,
)

Key = tuple[str, str]
MayScore = Callable[[Instrument, date], bool]
"""Whether the practice may score an instrument that was answered on a day (UTC)."""


class ScoreState(StrEnum):
    """`withdrawn`: an amendment took its answers back."""

    SCORED = "scored"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Score:
    """One measurement and what it came to. `value` and what follows from it are None unless it was scored.

    `change` is since the first score of the episode, positive is better; `change_rule` judged it. `rci` is its reliable
    change index, `no_rci` says why there is none. `standard_error` is in points; `parts` are scores shown beside it.
    """

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
    band: str | None = None
    standard_error: float | None = None
    change_rule: ChangeRule | None = None
    rci: float | None = None
    no_rci: NoIndex | None = None
    parts: Mapping[str, float] = field(default_factory=dict)

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


def unlicensed(instrument: Instrument, _: date) -> bool:
    """What a practice without any licence may score."""
    return not instrument.licence_required


def derive(
    measurements: Iterable[Measurement], catalogue: Catalogue, may_score: MayScore = unlicensed
) -> list[Outcome]:
    """Score a patient's measurements. The result depends on the set alone, not on the order of arrival."""
    baselines: dict[tuple[str, str], tuple[Key, Scored]] = {}
    outcomes: list[Outcome] = []
    for measurement in in_order(measurements):
        result = _score(measurement, catalogue, may_score)
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


def _score(measurement: Measurement, catalogue: Catalogue, may_score: MayScore) -> Scored | Refused:
    instrument = catalogue.find(measurement.instrument, measurement.instrument_version or "")
    if instrument is None:
        return _unknown(measurement, catalogue)
    if not may_score(instrument, measurement.measured_at.date()):
        return licence_required(instrument)
    if measurement.conflicting:
        return measured_twice(measurement.instrument)
    return score(instrument, measurement.answers)


def _unknown(measurement: Measurement, catalogue: Catalogue) -> Refused:
    versions = [known.version for known in catalogue.all() if known.id == measurement.instrument]
    if versions and measurement.instrument_version:
        return unknown_version(measurement.instrument, measurement.instrument_version, versions)
    return unknown_instrument(measurement.instrument, sorted({known.id for known in catalogue.all()}))


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
        band=scored.band if scored else None,
        standard_error=float(scored.standard_error) if scored and scored.standard_error is not None else None,
        change_rule=change.rule,
        rci=round(change.index.index, 3) if change.index else None,
        no_rci=change.no_index,
        parts={code: shown(value) for code, value in scored.parts.items()} if scored else {},
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
        band=None,
        standard_error=None,
        change_rule=None,
        rci=None,
        no_rci=None,
        parts={},
        scored_at=now,
    )
