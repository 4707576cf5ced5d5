"""An independent check of a week of routes, written from the rules of the simulation without the service's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from slotting_world import LUNCH, LUNCH_FROM, LUNCH_UNTIL, SHIFT, THERAPISTS, VISIT, World


@dataclass(frozen=True)
class Stop:
    """A visit: to whom, when it begins (minutes since the shift began), and the window that was promised."""

    request: int
    starts: int
    promised: tuple[int, int]


Routes = dict[tuple[int, int], list[Stop]]
"""Stops in order of driving, by therapist and day."""


@dataclass(frozen=True)
class Verdict:
    """What a week came to."""

    served: int
    driving: int
    faults: tuple[str, ...]

    @property
    def per_visit(self) -> float:
        """Minutes of driving for each visit."""
        return self.driving / max(1, self.served)


def check(world: World, routes: Routes) -> Verdict:
    """Count visits and driving, and everything that breaks a rule."""
    faults: list[str] = []
    served = Counter(stop.request for stops in routes.values() for stop in stops)
    faults += [f"patient {number} is visited {times} times" for number, times in served.items() if times > 1]
    driving = 0
    for (therapist, day), stops in routes.items():
        if not stops:
            continue
        driving += _driving(world, therapist, stops)
        faults += [f"therapist {therapist} on day {day}: {fault}" for fault in _faults(world, therapist, stops)]
    return Verdict(len(served), driving, tuple(faults))


def _driving(world: World, therapist: int, stops: Sequence[Stop]) -> int:
    rows = [therapist, *(THERAPISTS + stop.request for stop in stops), therapist]
    return sum(world.drives[a][b] for a, b in pairwise(rows))


def _faults(world: World, therapist: int, stops: Sequence[Stop]) -> list[str]:
    found = []
    for stop in stops:
        if not world.may(therapist, world.requests[stop.request]):
            found.append(f"has not learnt what patient {stop.request} needs")
        if not stop.promised[0] <= stop.starts <= stop.promised[1]:
            found.append(f"patient {stop.request} is promised {stop.promised} and visited at {stop.starts}")
    gaps = _gaps(world, therapist, stops)
    found += [
        f"{gap[0] + gap[2] - gap[1]} minutes late at stop {n}" for n, gap in enumerate(gaps) if gap[0] + gap[2] > gap[1]
    ]
    if not found and not any(_has_lunch(*gap) for gap in gaps):
        found.append("has no time for lunch")
    return found


def _gaps(world: World, therapist: int, stops: Sequence[Stop]) -> list[tuple[int, int, int]]:
    """Between visits: when the therapist is free, when the next one begins, and the drive."""
    gaps, free, here = [], 0, therapist
    for stop in stops:
        row = THERAPISTS + stop.request
        gaps.append((free, stop.starts, world.drives[here][row]))
        free, here = stop.starts + VISIT, row
    return [*gaps, (free, SHIFT, world.drives[here][therapist])]


def _has_lunch(free: int, due: int, drive: int) -> bool:
    """Whether lunch fits before the drive or after it."""
    before = max(free, LUNCH_FROM)
    if before <= LUNCH_UNTIL and before + LUNCH + drive <= due:
        return True
    after = max(free + drive, LUNCH_FROM)
    return after <= LUNCH_UNTIL and after + LUNCH <= due
