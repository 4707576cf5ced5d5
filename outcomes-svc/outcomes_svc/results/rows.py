"""From what is known of an episode to what it came to. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.episodes.window import Baseline, baseline_of, end_of, mid_course_of
from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.results.episode_result import CaseMix, EpisodeResult, Exclusion
from outcomes_svc.scoring.change import Judgement, judge, value_on
from outcomes_svc.scoring.scale import Scored, score, shown
from outcomes_svc.scoring.score import Score

Choice = TypeVar("Choice", str, str | None)

MOST = Fraction(1, 2)
"""The share of an episode's treated minutes that one therapist must have given for its result to be theirs. A choice
of this project: where nobody gave half, the result says nothing about any one of them."""


@dataclass(frozen=True)
class _Pair:
    """Baseline and end, over the items that were answered both times where items may be left out (PSFS).

    `improved` is None for an instrument without a minimal important change.
    """

    baseline: float
    end: float
    improved: bool | None


def episode_result(
    episode: Episode,
    sessions: Sequence[TreatedSession],
    scores: Iterable[Score],
    case_mix: CaseMix,
    catalogue: Catalogue,
) -> EpisodeResult:
    """What one episode came to.

    `sessions` are its own, at least one, in any order; `scores` the patient's, of any instrument, source and state.
    """
    ordered = sorted(sessions, key=lambda session: (session.ended_at, session.id))
    therapist_id, share = _most_treated(ordered, lambda session: session.therapist_id)
    instrument = catalogue.find(episode.primary.instrument, episode.primary.version)
    assert instrument is not None, "versions that were locked keep shipping"
    scores = list(scores)
    found = baseline_of(episode, scores)
    baseline, end, mid_course = found.score, end_of(episode, scores), mid_course_of(episode, scores)
    pair = _pair(baseline, end, catalogue)
    return EpisodeResult(
        episode_id=episode.id,
        patient_id=episode.patient_id,
        therapist_id=therapist_id,
        location_id=_most_treated(ordered, lambda session: session.location_id)[0],
        setting=_most_treated(ordered, lambda session: session.setting)[0],
        condition=episode.condition,
        instrument=instrument.id,
        instrument_version=instrument.version,
        better=instrument.better.sign,
        opened_at=episode.opened_at,
        closed_at=episode.closes_at if episode.state is EpisodeState.CLOSED else None,
        sessions=len(ordered),
        session_ids=tuple(session.id for session in ordered),
        case_mix=case_mix,
        baseline=pair.baseline if pair else _value(baseline),
        baseline_at=baseline.measured_at if baseline else None,
        baseline_score_id=baseline.id if baseline else None,
        mid_course=_value(mid_course),
        end=pair.end if pair else None,
        end_at=end.measured_at if end and pair else None,
        end_score_id=end.id if end and pair else None,
        improved=pair.improved if pair else None,
        excluded=tuple(_exclusions(episode, found, share, never_paid=instrument.never_paid)),
    )


def _value(found: Score | None) -> float | None:
    return found.value if found else None


def _most_treated(
    sessions: Sequence[TreatedSession], of: Callable[[TreatedSession], Choice]
) -> tuple[Choice, Fraction]:
    """Who, or where, most of the treated minutes were given, and their share; of two with as many the earlier one."""
    minutes: dict[Choice, int] = defaultdict(int)
    for session in sessions:
        minutes[of(session)] += session.treated_minutes
    # A dict keeps the order of first appearance, and max() the first of equals.
    most = max(minutes, key=minutes.__getitem__)
    return most, Fraction(minutes[most], sum(minutes.values()))


def _exclusions(episode: Episode, found: Baseline, share: Fraction, *, never_paid: bool) -> Iterator[Exclusion]:
    if episode.state is EpisodeState.OPEN:
        yield Exclusion.STILL_OPEN
    if found.excluded is not None:
        yield found.excluded
    if episode.primary.stand_in:
        yield Exclusion.STAND_IN_INSTRUMENT
    if never_paid:
        yield Exclusion.INSTRUMENT_NEVER_PAID
    if share < MOST:
        yield Exclusion.SEVERAL_THERAPISTS


def _pair(baseline: Score | None, end: Score | None, catalogue: Catalogue) -> _Pair | None:
    """The two scores made comparable, or None: an end that shares no item with the baseline says nothing of change.

    Both are scored again from the answers, so that a change that just reaches the MIC is judged exactly.
    """
    if baseline is None or end is None:
        return None
    before, after = _scored(baseline, catalogue), _scored(end, catalogue)
    if before is None or after is None:
        return None
    change = judge(before, after)
    if change.value is None:
        return None
    judged = after.instrument.mic is not None
    improved = change.judgement is Judgement.IMPROVED if judged else None
    return _Pair(shown(value_on(before, change.items)), shown(value_on(after, change.items)), improved)


def _scored(found: Score, catalogue: Catalogue) -> Scored | None:
    instrument = catalogue.find(found.instrument, found.instrument_version or "")
    result = score(instrument, found.answers) if instrument else None
    return result if isinstance(result, Scored) else None
