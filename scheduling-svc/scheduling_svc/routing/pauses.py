"""Pauses on the way from one place to the next: taken before the drive or after it, never during it.

Moments are whole seconds on any common scale. Several pauses are taken in their order, at most all of them in one gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEVER = 1 << 60
"""Later than every moment; its negative is earlier than every moment."""


@dataclass(frozen=True)
class Pause:
    """It begins between `earliest` and `latest` and takes `seconds`."""

    earliest: int
    latest: int
    seconds: int


def ready_after(free: int, drive: int, pauses: Sequence[Pause]) -> int:
    """The first moment at the next place, leaving at `free` or later and taking all pauses; NEVER: impossible."""
    if not pauses or free >= NEVER:
        return min(free + drive, NEVER)
    return min(_forward(free, drive, pauses, before) for before in range(len(pauses) + 1))


def free_before(due: int, drive: int, pauses: Sequence[Pause]) -> int:
    """The last moment to be free at the place before, to be at the next one by `due`; -NEVER: impossible."""
    if not pauses or due <= -NEVER:
        return max(due - drive, -NEVER)
    return max(_backward(due, drive, pauses, before) for before in range(len(pauses) + 1))


def _forward(free: int, drive: int, pauses: Sequence[Pause], before: int) -> int:
    at = free
    for place, pause in enumerate(pauses):
        at += drive if place == before else 0
        if at > pause.latest:
            return NEVER
        at = max(at, pause.earliest) + pause.seconds
    return at + drive if before == len(pauses) else at


def _backward(due: int, drive: int, pauses: Sequence[Pause], before: int) -> int:
    at = due - drive if before == len(pauses) else due
    for place in range(len(pauses) - 1, -1, -1):
        pause = pauses[place]
        at = min(at - pause.seconds, pause.latest)
        if at < pause.earliest:
            return -NEVER
        at -= drive if place == before else 0
    return at
