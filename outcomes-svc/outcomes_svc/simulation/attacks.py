"""Six ways in which a therapist could try to move their own figures, as scripts on made-up years. Pure.

Each takes an honest year, the place of one therapist and a strength (1 is the strength in the docstring, 0.5 half of
it) and gives the year as it would have looked. They are there to be run against the pay computation and the watch, and
are made to pay: none is stronger than it must be to gain something, and each leaves the gates of the plan standing
where the attacker could know them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from outcomes_svc.gaming.course import slow, standing
from outcomes_svc.performance.case_table import Codes, Factor, Flags, Numbers
from outcomes_svc.simulation.generated_scale import CONDITIONS
from outcomes_svc.simulation.watched_year import (
    IMPORTANT,
    INTERIM_DAYS,
    ITEMS,
    WatchedYear,
    ends_of,
    scores_at,
    severity_of,
    with_ends,
    with_peaks,
)

Attack = Callable[[WatchedYear, int, np.random.Generator, float], WatchedYear]
_KEPT_FOLLOW_UP = 0.71
"""The plan asks for 70 %: who drops more loses the own part altogether."""


def sandbag(year: WatchedYear, therapist: int, rng: np.random.Generator, strength: float = 1.0) -> WatchedYear:
    """60 % of the baselines are answered as on the worst of days: 0.9 units of severity worse (1.5 points of a 0-10
    scale, 5.6 of a T-score), and the pain beside it 1.2 points; later scores are true."""
    cases = year.table.cases
    moved = _own(year, therapist) & (rng.random(len(year.table)) < 0.6)
    scale = cases.measure.codes
    worse = scores_at(scale, severity_of(scale, cases.baseline) + 0.9 * strength)
    pain = np.minimum(np.round(cases.pain + 1.2 * strength), 10.0)
    ends = ends_of(year)
    cases = replace(cases, baseline=np.where(moved, worse, cases.baseline), pain=np.where(moved, pain, cases.pain))
    return with_ends(replace(year, table=replace(year.table, cases=cases)), ends)


def cherry_pick(year: WatchedYear, therapist: int, rng: np.random.Generator, strength: float = 1.0) -> WatchedYear:
    """80 % of the least promising 30 % of the intake are not taken on. The eye sees what the model sees and something
    of what it does not (a correlation of about 0.3 with what will come of it)."""
    own = _own(year, therapist)
    change = year.table.cases.better * (year.would_end - year.table.cases.baseline)
    unseen = _standard(change / IMPORTANT[year.table.cases.measure.codes] - year.expected)
    promise = _standard(year.expected) + 0.5 * unseen + rng.normal(0, 0.5, len(own))
    refused = own & (promise <= np.quantile(promise[own], 0.3)) & (rng.random(len(own)) < 0.8 * strength)
    return replace(year, table=replace(year.table, began=year.table.began & ~refused))


def drop_failures(year: WatchedYear, therapist: int, rng: np.random.Generator, strength: float = 1.0) -> WatchedYear:
    """Who stands worst at mid-course is never asked for an end, as many as leave a follow-up of 71 %."""
    own = _own(year, therapist) & year.table.began
    ends, stands = ends_of(year), standing(year.table)
    followed = own & ~np.isnan(ends)
    spare = strength * (np.count_nonzero(followed) - _KEPT_FOLLOW_UP * np.count_nonzero(own))
    worst = np.flatnonzero(followed & ~np.isnan(stands))
    worst = worst[np.argsort(stands[worst], kind="stable")][: max(int(spare), 0)]
    ends[worst] = np.nan
    return _without_answers(with_ends(year, ends), worst)


def shop_instruments(year: WatchedYear, therapist: int, rng: np.random.Generator, strength: float = 1.0) -> WatchedYear:
    """Half of the slowest third go on under another condition from mid-course on: a new episode with another
    instrument and a bad day as its baseline, while 70 % of the old ones are not answered any more."""
    slow_ones = slow(standing(year.table)) & _own(year, therapist) & year.table.began
    switched = np.flatnonzero(slow_ones & (rng.random(len(slow_ones)) < 0.5 * strength))
    ends = ends_of(year)
    second = _second_episodes(year, switched, rng)
    silent = switched[rng.random(len(switched)) < 0.7]
    ends[silent] = np.nan
    marks = year.table.followed_by.copy()
    marks[switched] = 1.0
    first = _without_answers(with_ends(year, ends), silent)
    return _joined(replace(first, table=replace(first.table, followed_by=marks)), second)


def discharge_at_peak(
    year: WatchedYear, therapist: int, rng: np.random.Generator, strength: float = 1.0
) -> WatchedYear:
    """Half of those who answer are discharged at the best of six weekly scores from day 21 on, and half of these are
    talked out of answering on day 84, so that the best score stays their end."""
    ends, table = ends_of(year), year.table
    chosen = _own(year, therapist) & ~np.isnan(ends) & (rng.random(len(ends)) < 0.25 * strength)
    places = np.flatnonzero(chosen)
    peaks = np.argmax(table.cases.better[places, None] * year.interim[places], axis=1)
    ends[places] = year.interim[places, peaks]
    days = table.end_day.copy()
    days[places] = np.array(INTERIM_DAYS)[peaks]
    moved = with_ends(replace(year, table=replace(table, end_day=days)), ends)
    return with_peaks(moved, places, days)


def coach(year: WatchedYear, therapist: int, rng: np.random.Generator, strength: float = 1.0) -> WatchedYear:
    """40 % of the ends that would not have been an important improvement become one, just; most of these are answered
    in the room, in a hurry, and half with one answer all the way down."""
    year, places = _lifted(year, therapist, rng, strength)
    table = year.table
    several = ITEMS[table.cases.measure.codes[places]] >= 3
    same = np.where(several, rng.random(len(places)) < 0.5, np.nan)
    seconds = np.exp(rng.normal(np.log(2.5), 0.45, len(places)))
    return replace(
        year,
        table=replace(
            table,
            same_answer=_with(table.same_answer, places, same),
            item_seconds=_with(table.item_seconds, places, seconds),
            in_visit=_with(table.in_visit, places, (rng.random(len(places)) < 0.6).astype(np.float64)),
        ),
    )


def coach_without_trace(
    year: WatchedYear, therapist: int, rng: np.random.Generator, strength: float = 1.0
) -> WatchedYear:
    """Patients are asked to be kind: 40 % of the ends are half an important change better, and nothing else differs."""
    ends, table = ends_of(year), year.table
    chosen = _own(year, therapist) & ~np.isnan(ends) & (rng.random(len(ends)) < 0.4 * strength)
    scale = table.cases.measure.codes
    kinder = scores_at(scale, severity_of(scale, ends + 0.5 * table.cases.better * table.important))
    return with_ends(year, np.where(chosen, kinder, ends))


ATTACKS: Mapping[str, Attack] = {
    "sandbagged baselines": sandbag,
    "cherry-picking": cherry_pick,
    "dropped failures": drop_failures,
    "instrument shopping": shop_instruments,
    "early discharge at a peak": discharge_at_peak,
    "coached answers": coach,
}


def _lifted(year: WatchedYear, therapist: int, rng: np.random.Generator, strength: float) -> tuple[WatchedYear, Codes]:
    """Ends that fall short of the minimal important change are lifted to it, on the scale's own steps."""
    cases, ends = year.table.cases, ends_of(year)
    short = cases.change < year.table.important
    chosen = _own(year, therapist) & short & (rng.random(len(ends)) < 0.4 * strength)
    scale = cases.measure.codes
    wanted = cases.baseline + cases.better * year.table.important
    reached = scores_at(scale, severity_of(scale, wanted))
    return with_ends(year, np.where(chosen, reached, ends)), np.flatnonzero(chosen)


def _own(year: WatchedYear, therapist: int) -> Flags:
    own: Flags = year.table.cases.therapist.codes == therapist
    return own


def _standard(values: Numbers) -> Numbers:
    standard: Numbers = (values - values.mean()) / values.std()
    return standard


def _with(column: Numbers, places: Codes, values: Numbers) -> Numbers:
    changed = column.copy()
    changed[places] = values
    return changed


def _without_answers(year: WatchedYear, places: Codes) -> WatchedYear:
    """Nothing is known of how an end was answered that was not."""
    table, gone = year.table, np.full(len(places), np.nan)
    silent = replace(
        table,
        end_day=_with(table.end_day, places, gone),
        at_peak=_with(table.at_peak, places, gone),
        same_answer=_with(table.same_answer, places, gone),
        item_seconds=_with(table.item_seconds, places, gone),
        in_visit=_with(table.in_visit, places, gone),
    )
    return replace(year, table=silent)


def _second_episodes(year: WatchedYear, places: Codes, rng: np.random.Generator) -> WatchedYear:
    """The episodes that begin at mid-course: another condition and its instrument, the middle score as baseline."""
    rows = np.isin(np.arange(len(year.table)), places)
    old = year.table.at(rows)
    before = old.cases.measure.codes
    condition = (old.cases.condition.codes + rng.integers(1, len(CONDITIONS), len(old))) % len(CONDITIONS)
    scale = np.array(list(CONDITIONS.values()))[condition]
    better = year.table.cases.better
    signs = np.array([better[year.table.cases.measure.codes == one][0] for one in range(len(ITEMS))])
    cases = replace(
        old.cases,
        condition=replace(old.cases.condition, codes=condition),
        measure=replace(old.cases.measure, codes=scale),
        baseline=scores_at(scale, severity_of(before, old.mid_course)),
        better=signs[scale],
    )
    nothing = np.full(len(old), np.nan)
    table = replace(
        old,
        ids=tuple(f"{name}-2" for name in old.ids),
        cases=cases,
        mid_course=nothing,
        important=IMPORTANT[scale],
        followed_by=np.zeros(len(old)),
        at_peak=nothing,
    )
    would_end = scores_at(scale, severity_of(before, year.would_end[rows]))
    second = WatchedYear(table=table, would_end=would_end, interim=year.interim[rows], expected=year.expected[rows])
    return with_ends(second, np.where(rng.random(len(old)) < 0.2, np.nan, would_end))


def _joined(one: WatchedYear, other: WatchedYear) -> WatchedYear:
    return WatchedYear(
        table=_stacked(one.table, other.table),
        would_end=np.concatenate([one.would_end, other.would_end]),
        interim=np.concatenate([one.interim, other.interim]),
        expected=np.concatenate([one.expected, other.expected]),
    )


def _stacked(one: Any, other: Any) -> Any:
    """Columns of two tables with the same levels, one below the other."""
    if isinstance(one, Factor):
        return Factor(levels=one.levels, codes=np.concatenate([one.codes, other.codes]))
    if isinstance(one, tuple):
        return one + other
    if isinstance(one, np.ndarray):
        return np.concatenate([one, other])
    return type(one)(
        **{field.name: _stacked(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)}
    )
