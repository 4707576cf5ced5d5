"""A made-up year with everything that the gaming watch looks at, honestly lived. Pure.

The generator of practices makes patients, baselines, middles and ends; here come who did not begin, when answers were
given and how. Therapists honestly differ in all of it (see HABITS), harder cases begin less often, and some patients
answer their last questionnaire early: figures that are unusual by chance are the rule, not the exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from outcomes_svc.gaming.course import ended_at_peak
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import CaseTable, Codes, Factor, Flags, Numbers
from outcomes_svc.simulation.generated_practice import GeneratedPractice
from outcomes_svc.simulation.generated_scale import SCALES

HABITS: Mapping[str, tuple[float, float]] = {
    "not_begun": (0.08, 0.3),
    "early": (0.15, 0.4),
    "followed_by": (0.03, 0.4),
    "irregular": (0.06, 0.4),
    "same_answer": (0.06, 0.4),
    "in_visit": (0.12, 0.5),
}
"""How often something honestly happens, and how far therapists differ in it (standard deviation of the log odds).
Assumptions of this project: no published figures were found."""
_HARDER_STAYS_AWAY = 0.3
"""What a standard deviation of difficulty adds to the log odds of not beginning."""
_SECONDS, _SECONDS_SPREAD, _PACE_SPREAD = 7.0, 0.45, 0.15
"""Seconds per item: median, spread of its logarithm between patients and between therapists' clienteles."""
_ANSWER_NOISE = 0.6
"""Spread of the answers between the middle and the end around the straight line, in units of severity."""
INTERIM_DAYS = (21.0, 28.0, 35.0, 42.0, 49.0, 56.0)
ITEMS = np.array([3, 24, 3, 1, 8])
"""Items of the made-up scales, in the order of SCALES; with fewer than three nobody can straight-line."""
_SPREADS = np.array([one.spread for one in SCALES])
IMPORTANT = np.array([one.important for one in SCALES])
IRREGULAR = ("baseline_answered_again", "stand_in_instrument")


@dataclass(frozen=True, kw_only=True)
class WatchedYear:
    """`table` is what a practice can see. Hidden: `would_end` the end score that everybody would have given, lost or
    not, `interim` the scores on INTERIM_DAYS, shape (n, 6), and `expected` what an average therapist achieves."""

    table: WatchTable
    would_end: Numbers
    interim: Numbers
    expected: Numbers

    @property
    def paid(self) -> CaseTable:
        """The episodes that results and pay are made of."""
        return self.table.cases.at(self.table.began)


def live(practice: GeneratedPractice, rng: np.random.Generator) -> WatchedYear:
    """An honest year around a generated practice; all its episodes are the practice's intake."""
    cases, number = practice.table, len(practice.table)
    habits = _Habits(cases.therapist, rng)
    scale = cases.measure.codes
    would_end = scores_at(scale, severity_of(scale, cases.baseline) - practice.truth.change)
    interim = _interim(scale, practice.mid_course, would_end, rng)
    hard = -(practice.truth.expected - practice.truth.expected.mean()) / practice.truth.expected.std()
    ended = ~np.isnan(practice.end)
    early = ended & habits.happens("early")
    end_day = np.where(early, np.round(rng.uniform(28, 69, number)), np.round(rng.normal(84, 3, number)))
    irregular = np.where(habits.happens("irregular"), rng.integers(0, 2, number), -1)
    pace = rng.normal(0, _PACE_SPREAD, len(cases.therapist.levels))[cases.therapist.codes]
    table = WatchTable(
        ids=tuple(f"{practice.year}-e-{place + 1:05d}" for place in range(number)),
        cases=cases,
        evaluator=cases.therapist.codes,
        began=~habits.happens("not_begun", _HARDER_STAYS_AWAY * hard),
        counts=np.full(number, True),
        mid_course=practice.mid_course,
        end_day=np.where(ended, end_day, np.nan),
        at_peak=np.where(ended, 0.0, np.nan),
        followed_by=habits.happens("followed_by").astype(np.float64),
        irregular=Factor(levels=IRREGULAR, codes=irregular.astype(np.int64)),
        important=IMPORTANT[scale],
        best=np.full(number, np.nan),
        same_answer=np.where(ended & (ITEMS[scale] >= 3), habits.happens("same_answer"), np.nan),
        item_seconds=np.where(ended, np.exp(rng.normal(np.log(_SECONDS), _SECONDS_SPREAD, number) + pace), np.nan),
        in_visit=np.where(ended, habits.happens("in_visit"), np.nan),
    )
    year = WatchedYear(table=table, would_end=would_end, interim=interim, expected=practice.truth.expected)
    discharged = np.where(rng.random(number) < 0.5, end_day, rng.uniform(28, 98, number))
    return with_peaks(with_ends(year, practice.end), np.flatnonzero(early), discharged)


def severity_of(scale: Codes, scores: Numbers) -> Numbers:
    """Severity from scores, as far as rounding and the ends of the scale let it be known."""
    better = np.array([float(one.better) for one in SCALES])[scale]
    centre = np.array([one.centre for one in SCALES])[scale]
    severity: Numbers = better * (centre - scores) / _SPREADS[scale]
    return severity


def scores_at(scale: Codes, severity: Numbers) -> Numbers:
    """Scores from severity, each on the scale of its case."""
    found = np.empty(len(severity))
    for place, one in enumerate(SCALES):
        rows = scale == place
        found[rows] = one.scores(severity[rows])
    return found


def with_ends(year: WatchedYear, ends: Numbers) -> WatchedYear:
    """The year with these end scores, NaN for who is lost; change and `best` follow from them."""
    cases = year.table.cases
    top = np.array([one.highest if one.better > 0 else one.lowest for one in SCALES])[cases.measure.codes]
    table = replace(
        year.table,
        cases=replace(cases, change=cases.better * (ends - cases.baseline)),
        best=np.where(np.isnan(ends), np.nan, ends == top),
    )
    return replace(year, table=table)


def ends_of(year: WatchedYear) -> Numbers:
    """The end scores, NaN for who is lost."""
    cases = year.table.cases
    return cases.baseline + cases.better * cases.change


def with_peaks(year: WatchedYear, places: Codes, discharged: Numbers) -> WatchedYear:
    """The year with the mark `at_peak` worked out anew for the cases at `places`."""
    marks, ends, table = year.table.at_peak.copy(), ends_of(year), year.table
    for place in places:
        interim = zip(INTERIM_DAYS, year.interim[place], strict=True)
        scores = [(14.0, float(table.mid_course[place])), *((day, float(score)) for day, score in interim)]
        end = (float(table.end_day[place]), float(ends[place]))
        marks[place] = ended_at_peak(scores, end, float(discharged[place]), int(table.cases.better[place]))
    return replace(year, table=replace(table, at_peak=marks))


class _Habits:
    """Draws events whose odds differ between therapists."""

    def __init__(self, therapist: Factor, rng: np.random.Generator) -> None:
        self._therapist, self._rng = therapist, rng

    def happens(self, name: str, also: Numbers | float = 0.0) -> Flags:
        """Shape (n,); `also` is added to the log odds."""
        rate, spread = HABITS[name]
        own = self._rng.normal(0, spread, len(self._therapist.levels))
        chance = expit(logit(rate) + own[self._therapist.codes] + also)
        happened: Flags = self._rng.random(len(self._therapist.codes)) < chance
        return happened


def _interim(scale: Codes, middle: Numbers, end: Numbers, rng: np.random.Generator) -> Numbers:
    start, stop = severity_of(scale, middle), severity_of(scale, end)
    columns = []
    for day in INTERIM_DAYS:
        line = start + (stop - start) * (day - 14) / 70
        columns.append(scores_at(scale, line + rng.normal(0, _ANSWER_NOISE, len(scale))))
    return np.column_stack(columns)
