"""Small groups are not shown, and cannot be computed from what is shown. Pure.

A figure over a handful of episodes is mostly chance, and in a small place it tells how one person fared. Leaving such
a group out is not enough: total minus the others would bring it back. So further groups are left out (complementary
suppression) until two things hold: along every sum what is left out is more than one group and not a small one, and no
hidden group can be solved for when all sums are taken together as equations.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

Cell = TypeVar("Cell", bound=Hashable)

SMALLEST = 10
"""A group of fewer episodes with a known change is not shown. A policy of this project, not a finding."""

_ZERO = 1e-9


@dataclass(frozen=True)
class Sum(Generic[Cell]):
    """`parts` add up to `total`."""

    parts: Sequence[Cell]
    total: Cell


def hidden_cells(counts: Mapping[Cell, int], sums: Sequence[Sum[Cell]], smallest: int = SMALLEST) -> frozenset[Cell]:
    """The cells that must not be shown. `counts` are episodes by cell; a cell without any says nothing and hides none.

    The result depends on the counts alone: of several cells that could cover for another the smallest is taken, of
    equals the first by name.
    """
    known = {cell: count for cell, count in counts.items() if count > 0}
    lines = [Sum([part for part in line.parts if part in known], line.total) for line in sums if line.total in known]
    hidden = {cell for cell, count in known.items() if count < smallest}
    while True:
        more = {cell for line in lines if (cell := _cover(line, known, hidden, smallest)) is not None}
        more = more or _cover_solved(lines, known, hidden)
        if not more:
            return frozenset(hidden)
        hidden |= more


def _cover(line: Sum[Cell], counts: Mapping[Cell, int], hidden: set[Cell], smallest: int) -> Cell | None:
    """One more cell to hide so that this sum gives nothing away, or None where it gives nothing."""
    shown = _smallest_first((part for part in line.parts if part not in hidden), counts)
    unseen = sum(counts[part] for part in line.parts if part in hidden)
    covered = len(line.parts) - len(shown)
    if line.total in hidden:
        return shown[0] if shown and not covered else None
    if covered == 0 or (covered > 1 and unseen >= smallest):
        return None
    # What is left of the total is one group alone, or several that together are too small.
    return shown[0] if shown else line.total


def _cover_solved(lines: Sequence[Sum[Cell]], counts: Mapping[Cell, int], hidden: set[Cell]) -> set[Cell]:
    """A cell to hide beside the first hidden one that the sums together still determine; empty where none is."""
    for cell in _solved(lines, hidden):
        for line in lines:
            if cell in line.parts or cell == line.total:
                shown = _smallest_first((part for part in (*line.parts, line.total) if part not in hidden), counts)
                if shown:
                    return {shown[0]}
    return set()


def _solved(lines: Sequence[Sum[Cell]], hidden: set[Cell]) -> list[Cell]:
    """The hidden cells that the sums determine, by name.

    The sums are linear equations in the hidden cells. One of these is determined when no solution of the homogeneous
    system moves it: its row in every basis of the null space is zero.
    """
    unknown = sorted(hidden, key=str)
    place = {cell: row for row, cell in enumerate(unknown)}
    equations = np.zeros((len(lines), len(unknown)))
    for row, line in enumerate(lines):
        for part in line.parts:
            if part in place:
                equations[row, place[part]] += 1
        if line.total in place:
            equations[row, place[line.total]] -= 1
    equations = equations[np.any(equations != 0, axis=1)]
    if not len(equations):
        return []
    _, strengths, directions = np.linalg.svd(equations)
    free = directions[int((strengths > _ZERO).sum()) :]
    fixed = np.all(np.abs(free) < _ZERO, axis=0)
    return [cell for cell, determined in zip(unknown, fixed, strict=True) if determined]


def _smallest_first(cells: Iterable[Cell], counts: Mapping[Cell, int]) -> list[Cell]:
    return sorted(cells, key=lambda cell: (counts[cell], str(cell)))
