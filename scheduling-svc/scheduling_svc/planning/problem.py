"""What a plan has to solve: runs of therapists, visits to be made, and the travel between their places.

This is the rich vehicle routing problem of the practice in plain numbers. Moments are whole seconds since `origin`,
durations and costs whole seconds too: one second of driving costs one, and every other cost is put in its terms.
A horizon of several days is one problem: a run belongs to one day, and a visit whose day is open has a window on each.

What the words below leave open is settled here, once, for the engines and for the checker:

- A run leaves its start place at `opens` or later and is back at its end place by `closes + overtime`. A run without
  visits drives nowhere, costs nothing and needs no pause.
- No single drive is longer than `longest_drive`, the way home included. A drive between two pinned visits, or between
  a pinned visit and an end of the run, was somebody's decision and may be longer; `most_driving` holds for all.
- Pauses are taken in the order in which the run lists them, each begins within its window, at the place of a visit, at
  the start place before leaving or at the end place when the run is over (then they do not make the run longer).
- A pinned visit may lie outside its windows and in a run that `runs` does not name.
- A therapist's work is `worked` (once, the largest of his runs) and the seconds of his visits in the plan; unfairness
  is counted per therapist, above the mean that results when every visit without a prize is made.
- A visit that `was` in a run that is no longer there, or in another therapist's, has changed hands.
- A promised visit (`prize` None) that is left out costs `plan.PROMISED`: more than any driving saves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Window:
    """From when to when something may begin, both ends included."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Break:
    """A pause that begins within its window, wherever the therapist is then; never during a visit or a drive."""

    window: Window
    seconds: int


@dataclass(frozen=True)
class Run:
    """One therapist's shift on one day: a vehicle of the routing problem. Places are rows of the matrix."""

    id: str
    therapist_id: str
    date: date
    start_place: int
    end_place: int
    opens: int
    closes: int
    longest_drive: int
    most_driving: int | None = None
    overtime: int = 0
    breaks: tuple[Break, ...] = ()
    worked: int = 0
    """Seconds worked in the weeks before: fairness evens out what a day cannot. May be relative to what is expected."""


@dataclass(frozen=True)
class Assignment:
    """In which run a visit was, and when it began."""

    run: str
    start: int


@dataclass(frozen=True)
class Visit:
    """A visit that begins in one of its windows and takes `seconds`.

    runs: those that may make it (skill, licence, service area, a refused therapist); None: all.
    costs: what a run costs on top, by its id (another therapist than the patient prefers or knows).
    prize: what leaving it out costs; None: it was promised and must be made.
    pinned: exactly there, and exactly then.
    tandem: visits of one group begin at the same moment in different runs, or none of them is made.
    was: where it was in the plan before; `told` says that the patient knows that time.
    """

    id: str
    place: int
    seconds: int
    windows: tuple[Window, ...]
    runs: frozenset[str] | None = None
    costs: Mapping[str, int] = field(default_factory=dict)
    prize: int | None = None
    pinned: Assignment | None = None
    tandem: str | None = None
    was: Assignment | None = None
    told: bool = False


@dataclass(frozen=True)
class Weights:
    """What each part of a plan costs, in seconds of driving.

    overtime: per second past the end of a shift. unfairness: per second by which a run's share of work lies above the
    mean of all runs. changed_hands: for a visit that goes to another therapist than before. moved: per second by which
    a patient's told time changes beyond `tolerance`.
    """

    driving: int = 1
    overtime: int = 2
    unfairness: float = 0.0
    changed_hands: int = 0
    moved: float = 0.0
    tolerance: int = 600


@dataclass(frozen=True)
class Problem:
    """One region's day, or days. `drives[i][j]` are the seconds of driving from place i to place j."""

    origin: datetime
    runs: tuple[Run, ...]
    visits: tuple[Visit, ...]
    drives: Matrix
    weights: Weights = Weights()
