"""The one interface behind which drive times come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from scheduling_svc.workforce.place import Coordinates

Matrix = tuple[tuple[int, ...], ...]

UNREACHABLE_MINUTES = 24 * 60
"""The drive to a place to which no road leads: longer than any therapist drives."""


class Source(StrEnum):
    """Where drive times come from."""

    ESTIMATE = "estimate"
    ROADS = "roads"
    MIXED = "mixed"


class Because(StrEnum):
    """Why a drive was estimated although the roads are asked by default."""

    AWAY = "roads-away"
    SLOW = "roads-slow"
    NO_ROAD = "no-road-found"
    NOT_STORED = "not-stored"


@dataclass(frozen=True)
class Basis:
    """What drive times rest on, to be told with whatever was decided by them.

    `estimated` counts the pairs of places that were estimated because the roads did not tell; `because` says why.
    """

    source: Source = Source.ESTIMATE
    estimated: int = 0
    because: tuple[Because, ...] = ()

    @property
    def fell_back(self) -> bool:
        """Whether the roads were to be asked and did not tell all."""
        return self.estimated > 0


class Travel(Protocol):
    """Drive times, in the local hours of one time zone."""

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        """Whole minutes, rounded up; 0 between equal places, UNREACHABLE_MINUTES where no road leads."""
        ...

    def seconds(self, places: Sequence[Coordinates], departs_at: datetime) -> Matrix:
        """From each place (row) to each (column). Whole minutes as above: what is possible for one is for the other."""
        ...

    def slowest(self, opens: datetime, closes: datetime) -> datetime:
        """The departure between two moments at which drives take longest: by that matrix no drive is too short."""
        ...

    def reaches(self, place: Coordinates) -> bool:
        """Whether a road leads there, as far as is known."""
        ...

    def basis(self) -> Basis:
        """What the times told so far rest on."""
        ...
