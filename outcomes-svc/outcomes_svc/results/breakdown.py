"""Which groups of a period may be shown: practice, therapists and locations, by condition and instrument. Pure.

All groups of a period are judged together, whatever was asked for, so that answers to several questions cannot be
subtracted from each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.results.suppression import SMALLEST, Sum, hidden_cells

ALL = "*"
NO_LOCATION = "none"
"""Stands for the episodes that were treated at patients' homes for the most part."""


class By(StrEnum):
    """What a group is made of."""

    PRACTICE = "practice"
    THERAPIST = "therapist"
    LOCATION = "location"


class Cell(NamedTuple):
    """A group of episodes; ALL stands for every one."""

    by: By
    group: str
    condition: str = ALL
    instrument: str = ALL


@dataclass(frozen=True)
class Shown:
    """Which groups of a period may be shown."""

    hidden: frozenset[Cell]

    def __contains__(self, cell: Cell) -> bool:
        return cell not in self.hidden


def group_of(result: EpisodeResult, by: By) -> str:
    """The group that an episode belongs to."""
    if by is By.THERAPIST:
        return result.therapist_id
    return ALL if by is By.PRACTICE else result.location_id or NO_LOCATION


def shown_groups(results: Iterable[EpisodeResult], smallest: int = SMALLEST) -> Shown:
    """Judge all groups of a period by their episodes with a known change. `results` are the whole period."""
    counts = Counter(
        cell for result in results if result.counts and result.change is not None for cell in _cells(result)
    )
    return Shown(hidden_cells(counts, list(_sums(counts)), smallest))


def _cells(result: EpisodeResult) -> Iterator[Cell]:
    for by, condition, instrument in product(By, (result.condition, ALL), (result.instrument, ALL)):
        yield Cell(by, group_of(result, by), condition, instrument)


def _sums(counts: Iterable[Cell]) -> Iterator[Sum[Cell]]:
    """Every cell is a part of up to three sums: over conditions, over instruments, and over the practice's groups."""
    parts: dict[Cell, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in sorted(counts):
        if cell.condition != ALL:
            parts[cell._replace(condition=ALL)]["condition"].append(cell)
        if cell.instrument != ALL:
            parts[cell._replace(instrument=ALL)]["instrument"].append(cell)
        if cell.by is not By.PRACTICE:
            parts[cell._replace(by=By.PRACTICE, group=ALL)][cell.by].append(cell)
    for total, lines in parts.items():
        for line in lines.values():
            yield Sum(line, total)
