"""A map of the day drawn from coordinates alone: no tiles, so nobody else learns where the patients live.

It shows how the stops lie to one another and in which order they are driven, not the roads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians, sin

from scheduling_svc.workforce.place import Coordinates

WIDTH, HEIGHT = 360.0, 240.0
_EDGE = 26.0  # room for a marker at the border
_APART = 27.0  # the diameter of a marker and a little air
_LEAST_DEGREES = 0.008  # about a kilometre: a day in one street is not magnified beyond that
_KM_PER_DEGREE = 111.195  # of latitude on a sphere of 6371 km
_KM_PER_MILE = 1.609344
_ROUNDS = 80
_TURN = 2.399963  # the golden angle: markers of one house leave it in different directions
_STEPS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True)
class Place:
    """Something to draw; `label` is its number, or empty for where a run begins and ends."""

    key: str
    label: str
    at: Coordinates


@dataclass(frozen=True)
class Mark:
    """A drawn place: where it is (`x`, `y`), and where its number stands, moved aside where two would overlap."""

    place: Place
    x: float
    y: float
    label_x: float
    label_y: float

    @property
    def moved(self) -> bool:
        """Whether a line has to say which place the number belongs to."""
        return hypot(self.label_x - self.x, self.label_y - self.y) > 3


@dataclass(frozen=True)
class Leg:
    """A drive from one mark to the next; the arrow stands in its middle."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def middle(self) -> tuple[float, float]:
        """Where the arrow is."""
        return round((self.x1 + self.x2) / 2, 1), round((self.y1 + self.y2) / 2, 1)

    @property
    def turn(self) -> float:
        """Degrees by which the arrow is turned, clockwise from pointing right."""
        return round(degrees(atan2(self.y2 - self.y1, self.x2 - self.x1)), 1)

    @property
    def drawn(self) -> bool:
        """Whether it is long enough to be seen."""
        return hypot(self.x2 - self.x1, self.y2 - self.y1) > 4


@dataclass(frozen=True)
class Scale:
    """A bar of a round length."""

    pixels: float
    text: str


@dataclass(frozen=True)
class Sketch:
    """The drawing, in a box of WIDTH by HEIGHT."""

    marks: tuple[Mark, ...]
    legs: tuple[Leg, ...]
    scale: Scale


def draw(runs: Sequence[Sequence[Place]], *, miles: bool) -> Sketch | None:
    """Runs of places in order of driving; None where there is nothing to draw."""
    places = [place for run in runs for place in run]
    if not places:
        return None
    project, pixels_per_km = _projection([place.at for place in places])
    spots = {place.key: project(place.at) for place in places}
    numbered = list({place.key: place for place in places}.values())
    labels = _apart([spots[place.key] for place in numbered])
    marks = tuple(Mark(place, *spots[place.key], *label) for place, label in zip(numbered, labels, strict=True))
    legs = tuple(Leg(*spots[a.key], *spots[b.key]) for run in runs for a, b in pairwise(run) if a.key != b.key)
    return Sketch(marks, tuple(leg for leg in legs if leg.drawn), _scale(pixels_per_km, miles=miles))


def _projection(points: list[Coordinates]) -> tuple[_Project, float]:
    south, north = min(p.latitude for p in points), max(p.latitude for p in points)
    west, east = min(p.longitude for p in points), max(p.longitude for p in points)
    # A degree of longitude is shorter by the cosine of the latitude.
    squeeze = max(cos(radians((south + north) / 2)), 0.05)
    wide, high = max((east - west) * squeeze, _LEAST_DEGREES), max(north - south, _LEAST_DEGREES)
    pixels = min((WIDTH - 2 * _EDGE) / wide, (HEIGHT - 2 * _EDGE) / high)
    return _Project((south + north) / 2, (west + east) / 2, squeeze, pixels), pixels / _KM_PER_DEGREE


@dataclass(frozen=True)
class _Project:
    latitude: float
    longitude: float
    squeeze: float
    pixels: float

    def __call__(self, at: Coordinates) -> tuple[float, float]:
        x = WIDTH / 2 + (at.longitude - self.longitude) * self.squeeze * self.pixels
        y = HEIGHT / 2 - (at.latitude - self.latitude) * self.pixels
        return round(x, 1), round(y, 1)


def _apart(spots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where the numbers stand: pushed apart until none covers another, or as far as the rounds go."""
    found = [list(spot) for spot in spots]
    for _ in range(_ROUNDS):
        moved = False
        for i, one in enumerate(found):
            for j in range(i + 1, len(found)):
                moved |= _push(one, found[j], i + j)
        for spot in found:
            spot[0] = min(max(spot[0], _EDGE / 2), WIDTH - _EDGE / 2)
            spot[1] = min(max(spot[1], _EDGE / 2), HEIGHT - _EDGE / 2)
        if not moved:
            break
    return [(round(x, 1), round(y, 1)) for x, y in found]


def _push(one: list[float], other: list[float], turn: int) -> bool:
    dx, dy = other[0] - one[0], other[1] - one[1]
    distance = hypot(dx, dy)
    if distance >= _APART:
        return False
    if distance < 0.5:
        dx, dy, distance = cos(_TURN * turn), sin(_TURN * turn), 1.0
    push = (_APART - min(distance, _APART) + 0.5) / 2
    for spot, sign in ((one, -1), (other, 1)):
        spot[0] += sign * push * dx / distance
        spot[1] += sign * push * dy / distance
    return True


def _scale(pixels_per_km: float, *, miles: bool) -> Scale:
    pixels = pixels_per_km * (_KM_PER_MILE if miles else 1.0)
    length = max((step for step in _STEPS if step * pixels <= WIDTH / 3), default=_STEPS[0])
    return Scale(round(length * pixels, 1), f"{length:g} {'mi' if miles else 'km'}")
