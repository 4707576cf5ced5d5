"""The world of the online slotting simulation: therapists, patients, and the drives between them.

Eight therapists with homes in 20 x 20 km work five days from 8:00 to 18:00, with half an hour of lunch that begins
between 11:30 and 13:30. Patients call one by one and want an hour of treatment on any of the five days; a quarter of
them need a technique that half of the therapists have learnt. Everybody drives at one speed all day.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from math import asin, ceil, cos, radians, sin, sqrt

THERAPISTS = 8
DAYS = 5
SHIFT = 10 * 60
VISIT = 60
PROMISE = 120
HISTORY = 300
LUNCH = 30
LUNCH_FROM, LUNCH_UNTIL = 210, 330
KM = 20.0
KMH = 30.0
CIRCUITY = 1.3
SKILL = "scar-work"
_MIDDLE = (42.30, -71.30)
_EARTH_KM = 6371.0088
_KM_PER_DEGREE = 111.19492664455873

Place = tuple[float, float]


@dataclass(frozen=True)
class Request:
    """A patient who calls; `skilled` says that the technique is needed."""

    number: int
    home: Place
    skilled: bool


@dataclass(frozen=True)
class World:
    """One made-up week. The first half of the therapists has learnt the technique.

    history: those who were visited in the week before: other people, drawn the same way.
    """

    seed: int
    homes: tuple[Place, ...]
    requests: tuple[Request, ...]
    history: tuple[Request, ...] = ()

    def may(self, therapist: int, request: Request) -> bool:
        """Whether a therapist has learnt what a patient needs."""
        return not request.skilled or therapist < THERAPISTS // 2

    @cached_property
    def places(self) -> list[Place]:
        """Homes of the therapists, then of the patients."""
        return [*self.homes, *(request.home for request in self.requests)]

    @cached_property
    def drives(self) -> list[list[int]]:
        """Whole minutes between all places, reckoned here and not by what is being judged."""
        return [[minutes_between(a, b) for b in self.places] for a in self.places]


def make_world(seed: int, requests: int) -> World:
    """The same world for the same seed; a longer list of requests begins with the shorter one."""
    dice = random.Random(f"slotting {seed}")
    homes = tuple(_place(dice) for _ in range(THERAPISTS))
    calls = tuple(Request(number, _place(dice), dice.random() < 0.25) for number in range(requests))
    before = random.Random(f"history {seed}")
    history = tuple(Request(number, _place(before), before.random() < 0.25) for number in range(HISTORY))
    return World(seed, homes, calls, history)


def minutes_between(a: Place, b: Place) -> int:
    """Great circle times circuity at the one speed, whole minutes rounded up."""
    if a == b:
        return 0
    half_lat, half_lon = radians(b[0] - a[0]) / 2, radians(b[1] - a[1]) / 2
    chord = sin(half_lat) ** 2 + cos(radians(a[0])) * cos(radians(b[0])) * sin(half_lon) ** 2
    km = 2 * _EARTH_KM * asin(sqrt(chord))
    return ceil(km * CIRCUITY / KMH * 60 - 1e-9)


def _place(dice: random.Random) -> Place:
    east, north = dice.uniform(-KM / 2, KM / 2), dice.uniform(-KM / 2, KM / 2)
    latitude = _MIDDLE[0] + north / _KM_PER_DEGREE
    return round(latitude, 6), round(_MIDDLE[1] + east / (_KM_PER_DEGREE * cos(radians(_MIDDLE[0]))), 6)
