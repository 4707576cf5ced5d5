"""What the scores of one instrument in one episode say together: trend, plateau, deterioration. Pure.

Signals are derived anew from the scores, never stored: a score that arrives late or is amended changes them at once.
They draw a person's attention and decide nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from outcomes_svc.instruments.instrument import Instrument, Missing
from outcomes_svc.scoring.change import Change, Judgement, judge, noise, value_on
from outcomes_svc.scoring.measurement import RANK
from outcomes_svc.scoring.scale import Scored, score
from outcomes_svc.scoring.score import Score, ScoreState
from outcomes_svc.scoring.trend import Point, Trend, plateau, trend


@dataclass(frozen=True)
class Plateau:
    """Nothing moves any more: the flat run, its last step (positive is better) and the noise that it stayed below.

    `noise_from` is mdc, standard_error or mic.
    """

    run: Trend
    last_change: Fraction
    noise: Fraction
    noise_from: str


@dataclass(frozen=True)
class Deterioration:
    """The latest score is worse by at least the MIC and more than measurement error.

    `against` is `baseline`, or `best` for the best score so far; `reference` and `latest` are score ids; `change` is
    negative and was judged by `change.rule`.
    """

    against: str
    reference: str
    latest: str
    since: datetime
    change: Change


@dataclass(frozen=True)
class Signals:
    """`scores` are the ids that were looked at, in order of time. `trend` is None below three scores."""

    scores: tuple[str, ...]
    trend: Trend | None = None
    plateau: Plateau | None = None
    deterioration: Deterioration | None = None


def signals(scores: Iterable[Score], instrument: Instrument) -> Signals:
    """The signals of an episode's scores of `instrument`, in any order.

    Scores of other instruments or versions, refused and withdrawn ones are left out, so all scores of an episode may be
    given. The latest score is the one that deterioration is about.
    """
    course = [(kept, scored) for kept in in_order(scores, instrument) if (scored := _again(kept, instrument))]
    if not course:
        return Signals(())
    points = _points(course, instrument)
    return Signals(
        scores=tuple(kept.id for kept, _ in course),
        trend=trend(points),
        plateau=_plateau(points, course),
        deterioration=_deterioration(course),
    )


def in_order(scores: Iterable[Score], instrument: Instrument) -> list[Score]:
    """The scored ones of this version of the instrument, in the order in which they were measured."""
    fitting = (
        kept
        for kept in scores
        if kept.state is ScoreState.SCORED
        and (kept.instrument, kept.instrument_version) == (instrument.id, instrument.version)
    )
    return sorted(fitting, key=lambda kept: (kept.measured_at, RANK[kept.source], kept.source_id))


def _again(kept: Score, instrument: Instrument) -> Scored | None:
    """The score with all its digits and its standard error: what is kept is rounded for people."""
    result = score(instrument, kept.answers)
    return result if isinstance(result, Scored) else None


def _points(course: Sequence[tuple[Score, Scored]], instrument: Instrument) -> list[Point]:
    """The course as points where more is better.

    Where items may be left out only those count that were rated every time: a harder activity that is added later is no
    setback. Without a single one there are no points.
    """
    codes = [item.code for item in instrument.main_items]
    if instrument.missing is Missing.RATED_ONLY:
        codes = [code for code in codes if all(code in scored.answers for _, scored in course)]
    if not codes:
        return []
    sign = instrument.better.sign
    return [Point(kept.measured_at, sign * value_on(scored, tuple(codes))) for kept, scored in course]


def _plateau(points: Sequence[Point], course: Sequence[tuple[Score, Scored]]) -> Plateau | None:
    least = noise(course[-2][1], course[-1][1]) if len(points) > 1 else None
    run = plateau(points, least[0]) if least else None
    if least is None or run is None:
        return None
    return Plateau(run, points[-1].value - points[-2].value, *least)


def _deterioration(course: Sequence[tuple[Score, Scored]]) -> Deterioration | None:
    """Of the scores before the latest the one that it fell furthest behind; the baseline where that is as far."""
    (latest, current), earlier = course[-1], course[:-1]
    worst: tuple[Fraction, Score, Change] | None = None
    for kept, scored in earlier:
        change = judge(scored, current)
        if change.judgement is not Judgement.WORSE or change.value is None:
            continue
        if worst is None or change.value < worst[0]:
            worst = change.value, kept, change
    if worst is None:
        return None
    _, reference, change = worst
    against = "baseline" if reference.id == earlier[0][0].id else "best"
    return Deterioration(against, reference.id, latest.id, reference.measured_at, change)
