"""What is left of a day to plan at a moment: a problem changed by what has happened and by what went wrong.

Everything here speaks the numbers of `planning.problem`: seconds since its origin, places as rows of its matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from scheduling_svc.planning.problem import Assignment, Break, Problem, Run, Visit, Window


@dataclass(frozen=True)
class Standing:
    """Where a run that has begun stands: from `free_at` its therapist can leave `place`.

    anchor: the visit that leads there (the last that has begun, or the one they are driving to); None: none has.
    begun: all visits of the run that are not open to planning any more. driven, worked: seconds so far.
    breaks: those still due; None: all of the run's.
    """

    place: int
    free_at: int
    anchor: str | None = None
    begun: frozenset[str] = frozenset()
    driven: int = 0
    worked: int = 0
    breaks: tuple[Break, ...] | None = None


def rest_of_day(problem: Problem, now: int, standings: Mapping[str, Standing]) -> Problem:
    """The problem of what still lies ahead. What has begun is not planned again.

    The visit that a run stands at stays in it, pinned and without length, so that the way home from there costs what it
    costs even when nothing else is left.
    """
    runs = tuple(_run_ahead(problem, run, now, standings.get(run.id)) for run in problem.runs)
    ends = {run.id: run for run in runs}
    anchors = {standing.anchor: run for run, standing in standings.items() if standing.anchor is not None}
    begun = frozenset[str]().union(*(standing.begun for standing in standings.values())) - anchors.keys()
    visits = []
    for visit in problem.visits:
        if visit.id in anchors:
            run = anchors[visit.id]
            visits.append(_anchored(visit, ends[run], standings[run]))
        elif visit.id not in begun:
            visits.append(_visit_ahead(visit, now, ends))
    return replace(problem, runs=runs, visits=tuple(visits))


def with_visit(problem: Problem, visit: Visit, there: Sequence[int], back: Sequence[int]) -> Problem:
    """One more visit at a new place. `there`: seconds to it from each known place, `back`: from it to each."""
    place = len(problem.drives)
    drives = (*((*row, seconds) for row, seconds in zip(problem.drives, there, strict=True)), (*back, 0))
    return replace(problem, drives=drives, visits=(*problem.visits, replace(visit, place=place)))


def slowed(problem: Problem, slower: Callable[[int, int, int], int], since: int, until: int) -> Problem:
    """Drives that take longer between two moments: `slower` has the seconds for two places and what it takes else.

    A drive that may fall into that time counts as slow: no promise then hangs on the road being free early.
    """
    leaves, reached = _leaves(problem), _reached(problem)
    size = range(len(problem.drives))

    def seconds(here: int, there: int) -> int:
        plain = problem.drives[here][there]
        if leaves.get(here, until) >= until or reached.get(there, since) <= since:
            return plain
        return max(plain, slower(here, there, plain))

    drives = tuple(tuple(seconds(here, there) for there in size) for here in size)
    return replace(problem, drives=drives)


def _run_ahead(problem: Problem, run: Run, now: int, standing: Standing | None) -> Run:
    if standing is None:
        standing = Standing(run.start_place, max(run.opens, now))
    opens = max(run.opens, standing.free_at)
    breaks = _breaks_ahead(run.breaks if standing.breaks is None else standing.breaks, opens)
    home = problem.drives[standing.place][run.end_place]
    busy = opens + home + sum(one.seconds for one in breaks) if standing.anchor else opens
    most = run.most_driving
    return replace(
        run,
        start_place=standing.place,
        opens=opens,
        closes=max(run.closes, busy),
        most_driving=None if most is None else max(0, most - standing.driven, home if standing.anchor else 0),
        breaks=breaks,
        worked=run.worked + standing.worked,
    )


def _breaks_ahead(breaks: tuple[Break, ...], opens: int) -> tuple[Break, ...]:
    """A break whose time has come begins as soon as the therapist is free."""
    return tuple(
        replace(one, window=Window(max(opens, one.window.opens), max(opens, one.window.closes))) for one in breaks
    )


def _anchored(visit: Visit, run: Run, standing: Standing) -> Visit:
    here = Assignment(run.id, run.opens)
    return replace(
        visit, place=standing.place, seconds=0, windows=(Window(here.start, here.start),), pinned=here, was=here,
        tandem=None, costs={}, runs=None, prize=None, told=False,
    )  # fmt: skip


def _visit_ahead(visit: Visit, now: int, runs: Mapping[str, Run]) -> Visit:
    """A visit that can't begin before now; a pin that can't be kept any more holds nothing."""
    windows = tuple(replace(one, opens=max(one.opens, min(now, one.closes))) for one in visit.windows)
    return replace(visit, windows=windows, pinned=visit.pinned if _can_keep(visit.pinned, runs) else None)


def _can_keep(pinned: Assignment | None, runs: Mapping[str, Run]) -> bool:
    if pinned is None:
        return False
    run = runs.get(pinned.run)
    return run is not None and run.opens <= pinned.start <= run.closes


def _leaves(problem: Problem) -> dict[int, int]:
    """When anybody leaves a place at the earliest."""
    moments: dict[int, int] = {}
    for run in problem.runs:
        moments[run.start_place] = min(run.opens, moments.get(run.start_place, run.opens))
    for visit in problem.visits:
        soonest = min((one.opens for one in visit.windows), default=0) + visit.seconds
        moments[visit.place] = min(soonest, moments.get(visit.place, soonest))
    return moments


def _reached(problem: Problem) -> dict[int, int]:
    """When anybody reaches a place at the latest."""
    moments: dict[int, int] = {}
    for run in problem.runs:
        latest = run.closes + run.overtime
        moments[run.end_place] = max(latest, moments.get(run.end_place, latest))
    for visit in problem.visits:
        latest = max((one.closes for one in visit.windows), default=0)
        moments[visit.place] = max(latest, moments.get(visit.place, latest))
    return moments
