"""What the watch looks at, by the column: everybody who was evaluated for treatment, begun or not. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from outcomes_svc.performance.case_table import UNKNOWN, CaseTable, Codes, Factor, Flags, Numbers


@dataclass(frozen=True, kw_only=True)
class WatchTable:
    """n cases; arrays have shape (n,), and a mark is 1, 0 or NaN where it cannot be known.

    `ids`           the episode, or for who never began the evaluation
    `cases`         covariates, baseline and change as prediction has them; baseline and change NaN where there is none
    `evaluator`     who evaluated the case, as a place among the therapists; UNKNOWN where nobody did
    `began`         whether treatment was begun and went on beyond its first session
    `counts`        whether the episode counts for results
    `mid_course`    the last own score before the end's window, in points
    `end_day`       days from visit 1 to the end score
    `at_peak`       mark: the end is an early answer, given around a discharge, and the best of its course (course.py)
    `followed_by`   mark: within 60 days another episode of the patient began, for another condition
    `irregular`     what was unusual about the choice of instrument or the baseline; unknown code where nothing was
    `important`     the minimal important change in points
    `best`          mark: the end is the best score that the instrument has
    `same_answer`   mark: all items of the end, three or more, got the same answer
    `item_seconds`  seconds per item that answering the end took
    `in_visit`      mark: the end was answered while a session of the patient was going on
    """

    ids: tuple[str, ...]
    cases: CaseTable
    evaluator: Codes
    began: Flags
    counts: Flags
    mid_course: Numbers
    end_day: Numbers
    at_peak: Numbers
    followed_by: Numbers
    irregular: Factor
    important: Numbers
    best: Numbers
    same_answer: Numbers
    item_seconds: Numbers
    in_visit: Numbers

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def therapists(self) -> tuple[str, ...]:
        """The therapists by their codes."""
        return self.cases.therapist.levels

    def counted(self, mark: Flags, by: Codes | None = None) -> Numbers:
        """Shape (T,): how many cases of each therapist have the mark; `by` instead of who treated, shape (n,)."""
        codes = (self.cases.therapist.codes if by is None else by)[mark]
        return np.bincount(codes[codes != UNKNOWN], minlength=len(self.therapists)).astype(np.float64)

    def at(self, rows: Flags) -> WatchTable:
        """Some of the cases."""
        return WatchTable(**{field.name: _at(getattr(self, field.name), rows) for field in fields(self)})


def _at(column: Any, rows: Flags) -> Any:
    if isinstance(column, tuple):
        return tuple(name for name, kept in zip(column, rows, strict=True) if kept)
    return column.at(rows) if isinstance(column, Factor | CaseTable) else column[rows]
