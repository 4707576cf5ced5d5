"""Episodes by the column: what prediction needs of them, as arrays. Pure.

Statistics over thousands of episodes work on columns; a table comes from EpisodeResult rows or straight from the
generator of practices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcomes_svc.results.episode_result import EpisodeResult

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
UNKNOWN = -1


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A column of named levels: `codes` index `levels`, UNKNOWN where it is not known. Levels are sorted."""

    levels: tuple[str, ...]
    codes: Codes

    def at(self, rows: Flags) -> Factor:
        """The same column for some rows."""
        return Factor(levels=self.levels, codes=self.codes[rows])

    def recoded(self, levels: Sequence[str]) -> Codes:
        """Codes into other levels; UNKNOWN where a level is not among them, or was not known."""
        places = {level: place for place, level in enumerate(levels)}
        table = np.array([*(places.get(level, UNKNOWN) for level in self.levels), UNKNOWN], dtype=np.int64)
        return table[self.codes]


def factor_of(values: Iterable[str | None]) -> Factor:
    """A factor from its values, None where not known."""
    column = list(values)
    levels = sorted({value for value in column if value is not None})
    places = {level: place for place, level in enumerate(levels)}
    codes = [UNKNOWN if value is None else places[value] for value in column]
    return Factor(levels=tuple(levels), codes=np.array(codes, dtype=np.int64))


@dataclass(frozen=True, kw_only=True)
class CaseTable:
    """n episodes: every array has shape (n,).

    `baseline` on the instrument's own scale, `better` +1 or -1, `change` in points with positive better and NaN for who
    was lost to follow-up. `pain` 0..10, `age` in years, `comorbidities` a count, `symptom_weeks`: NaN where not known.
    """

    therapist: Factor
    measure: Factor
    baseline: Numbers
    better: Numbers
    change: Numbers
    pain: Numbers
    age: Numbers
    comorbidities: Numbers
    symptom_weeks: Numbers
    sex: Factor
    surgery: Factor
    prior_episode: Factor
    condition: Factor
    setting: Factor
    payer: Factor

    def __len__(self) -> int:
        return len(self.baseline)

    def at(self, rows: Flags) -> CaseTable:
        """Some of the rows; levels stay."""
        return CaseTable(**{field.name: _at(getattr(self, field.name), rows) for field in fields(self)})

    @property
    def followed_up(self) -> Flags:
        """Whose end is known."""
        return ~np.isnan(self.change)


def measure_of(result: EpisodeResult) -> str:
    """The instrument and its version as one name: two versions are different measures."""
    return f"{result.instrument}.v{result.instrument_version}"


def countable(results: Iterable[EpisodeResult]) -> list[EpisodeResult]:
    """The rows that say something, in the order of their ids, so that no sum hangs on the order of a query."""
    usable = [row for row in results if row.counts and row.baseline is not None]
    return sorted(usable, key=lambda row: row.episode_id)


def table_of(rows: Sequence[EpisodeResult]) -> CaseTable:
    """The columns of rows that count, in their order."""
    cases = [row.case_mix for row in rows]
    return CaseTable(
        therapist=factor_of(row.therapist_id for row in rows),
        measure=factor_of(measure_of(row) for row in rows),
        baseline=_numbers(row.baseline for row in rows),
        better=_numbers(row.better for row in rows),
        change=_numbers(row.change for row in rows),
        pain=_numbers(case.baseline_pain for case in cases),
        age=_numbers(case.age for case in cases),
        comorbidities=_numbers(case.comorbidities for case in cases),
        symptom_weeks=_numbers(case.symptom_weeks for case in cases),
        sex=factor_of(case.sex for case in cases),
        surgery=factor_of(_yes_no(case.surgery) for case in cases),
        prior_episode=factor_of(_yes_no(case.prior_episode) for case in cases),
        condition=factor_of(row.condition for row in rows),
        setting=factor_of(row.setting for row in rows),
        payer=factor_of(case.payer for case in cases),
    )


def _at(column: Factor | Numbers, rows: Flags) -> Any:
    return column.at(rows) if isinstance(column, Factor) else column[rows]


def _numbers(values: Iterable[float | None]) -> Numbers:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
