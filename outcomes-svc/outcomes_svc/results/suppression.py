"""Small groups are not shown, and cannot be computed from what is shown. Pure.

A figure over a handful of episodes is mostly chance, and in a small place it tells how one person fared. Leaving such
a group out is not enough: total minus the others would bring it back. So further groups are left out until, along every
sum in which it takes part, nothing that is hidden can be told from what is shown (complementary suppression; each sum
is looked at by itself).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Cell = TypeVar("Cell", bound=Hashable)

SMALLEST = 10
"""A group of fewer episodes with a known change is not shown. A policy of this project, not a finding."""


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
    hidden = {cell for cell, count in counts.items() if 0 < count < smallest}
    while more := {cell for line in sums if (cell := _cover(line, counts, hidden, smallest)) is not None}:
        hidden |= more
    return frozenset(hidden)


def _cover(line: Sum[Cell], counts: Mapping[Cell, int], hidden: set[Cell], smallest: int) -> Cell | None:
    """One more cell to hide so that this sum gives nothing away, or None where it gives nothing."""
    parts = [part for part in line.parts if counts.get(part, 0) > 0]
    shown = sorted((part for part in parts if part not in hidden), key=lambda part: (counts[part], str(part)))
    unseen = sum(counts[part] for part in parts if part in hidden)
    covered = len(parts) - len(shown)
    if line.total in hidden:
        return shown[0] if shown and not covered else None
    if covered == 0 or (covered > 1 and unseen >= smallest):
        return None
    # What is left of the total is one group alone, or several that together are too small.
    return shown[0] if shown else line.total
