"""Starts of a chain of steps that lie nearest to what is wished: weighted isotonic regression in absolute distance.

Each step begins no earlier than the one before it ends, plus the drive between them. With these distances taken off,
the starts only have to be non-decreasing, and the cheapest such sequence is found by adding one convex piecewise
linear function after another and keeping its breakpoints in a heap (the "slope trick"): O(n log n), exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

_HARD = 1e9


@dataclass(frozen=True)
class Wish:
    """A start between `low` and `high` costs nothing, each second outside costs `weight`."""

    low: int
    high: int
    weight: float


def cheapest_times(
    earliest: Sequence[int],
    latest: Sequence[int],
    seconds: Sequence[int],
    gaps: Sequence[int],
    wishes: Sequence[Wish | None],
) -> list[int]:
    """The starts, among the cheapest the earliest. `earliest` and `latest` must leave room (earliest <= latest)."""
    heap: list[tuple[int, float]] = []
    tops, offsets, offset = [], [], 0
    for index, wish in enumerate(wishes):
        offset += gaps[index] + (seconds[index - 1] if index else 0)
        offsets.append(offset)
        heappush(heap, (-(earliest[index] - offset), _HARD))
        if wish is not None:
            heappush(heap, (-(wish.low - offset), wish.weight))
            _cap(heap, wish.high - offset, wish.weight)
        _cap(heap, latest[index] - offset, _HARD)
        tops.append(-heap[0][0])
    times, bound = [0] * len(tops), tops[-1]
    for index in range(len(tops) - 1, -1, -1):
        bound = min(bound, tops[index])
        times[index] = bound + offsets[index]
    return times


def _cap(heap: list[tuple[int, float]], high: int, weight: float) -> None:
    """Add `weight` per second above `high` and forget the rising part: whoever comes later may wait."""
    heappush(heap, (-high, weight))
    while weight > 0:
        point, there = heappop(heap)
        if there > weight:
            heappush(heap, (point, there - weight))
            return
        weight -= there
