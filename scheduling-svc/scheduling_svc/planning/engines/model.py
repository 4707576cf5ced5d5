"""A problem by numbers: runs, visits and therapists are indices, what never changes is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scheduling_svc.planning.plan import URGENT
from scheduling_svc.planning.problem import Break, Problem, Visit

Spans = tuple[tuple[int, int], ...]
Routes = list[list[int]]


@dataclass(frozen=True)
class Told:
    """The start that a patient knows, and what each second beyond the tolerance costs."""

    start: int
    tolerance: int
    weight: float


class Model:
    """Index form of a problem. Raises ValueError when a place or a name in it does not exist."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.weights = problem.weights
        self.drives = problem.drives
        self.runs = problem.runs
        self.visits = problem.visits
        self.run_index = {run.id: index for index, run in enumerate(problem.runs)}
        self.visit_index = {visit.id: index for index, visit in enumerate(problem.visits)}
        self._check()
        self.spans: tuple[Spans, ...] = tuple(_spans(visit) for visit in problem.visits)
        self.told: tuple[Told | None, ...] = tuple(self._told(visit) for visit in problem.visits)
        self.tandem: tuple[tuple[int, ...], ...] = self._tandems()
        self.breaks: tuple[tuple[Break, ...], ...] = tuple(run.breaks for run in problem.runs)
        self.therapists: tuple[int, ...] = self._therapists()
        self.worked: tuple[int, ...] = self._worked()

    @cached_property
    def allowed(self) -> tuple[tuple[int, ...], ...]:
        """The runs that may make each visit, in order."""
        return tuple(self._allowed(visit) for visit in self.visits)

    @cached_property
    def extra(self) -> tuple[tuple[int, ...], ...]:
        """What each run costs on top, by visit and run: preference and change of hands."""
        return tuple(
            tuple(self.preference(v, r) + self.changed_hands(v, r) for r in range(len(self.runs)))
            for v in range(len(self.visits))
        )

    @cached_property
    def fair_share(self) -> float:
        """Seconds of work above which a therapist's work is unfair."""
        if not self.worked:
            return 0.0
        promised = sum(visit.seconds for visit in self.visits if visit.prize is None)
        return (sum(self.worked) + promised) / len(self.worked)

    def wanted(self, visit: int) -> bool:
        """Whether a visit is worth any driving: it was promised, or it is urgent."""
        prize = self.visits[visit].prize
        return prize is None or prize >= URGENT

    def preference(self, visit: int, run: int) -> int:
        """What the run costs for this visit: another therapist than the patient prefers."""
        return self.visits[visit].costs.get(self.runs[run].id, 0)

    def changed_hands(self, visit: int, run: int) -> int:
        """What it costs that another therapist comes than before."""
        was = self.visits[visit].was
        if was is None or not self.weights.changed_hands:
            return 0
        before = self.run_index.get(was.run)
        same = before is not None and self.therapists[before] == self.therapists[run]
        return 0 if same else self.weights.changed_hands

    def price(self, visit: int, promised: int) -> int:
        """What leaving it out costs."""
        prize = self.visits[visit].prize
        return promised if prize is None else prize

    def pinned_leg(self, here: int | None, there: int | None) -> bool:
        """Whether a drive between two visits (None: an end of the run) was somebody's decision."""
        if here is None and there is None:
            return True
        return all(visit is None or self.visits[visit].pinned is not None for visit in (here, there))

    def _check(self) -> None:
        if len(self.run_index) < len(self.runs) or len(self.visit_index) < len(self.visits):
            raise ValueError("two runs or two visits of the problem have the same id")
        places = len(self.drives)
        used = [(run.id, place) for run in self.runs for place in (run.start_place, run.end_place)]
        used += [(visit.id, visit.place) for visit in self.visits]
        for name, place in used:
            if not 0 <= place < places:
                raise ValueError(f"{name} is at place {place}, but there are {places} places")
        if any(len(row) != places for row in self.drives):
            raise ValueError("the matrix of drives is not square")

    def _told(self, visit: Visit) -> Told | None:
        if visit.was is None or not visit.told or self.weights.moved <= 0:
            return None
        return Told(visit.was.start, self.weights.tolerance, self.weights.moved)

    def _tandems(self) -> tuple[tuple[int, ...], ...]:
        groups: dict[str, list[int]] = {}
        for index, visit in enumerate(self.visits):
            if visit.tandem is not None:
                groups.setdefault(visit.tandem, []).append(index)
        return tuple(tuple(groups[visit.tandem]) if visit.tandem is not None else () for visit in self.visits)

    def _therapists(self) -> tuple[int, ...]:
        known: dict[str, int] = {}
        return tuple(known.setdefault(run.therapist_id, len(known)) for run in self.runs)

    def _worked(self) -> tuple[int, ...]:
        worked: dict[int, int] = {}
        for therapist, run in zip(self.therapists, self.runs, strict=True):
            worked[therapist] = max(run.worked, worked.get(therapist, run.worked))
        return tuple(worked[therapist] for therapist in range(len(worked)))

    def _allowed(self, visit: Visit) -> tuple[int, ...]:
        if visit.pinned is not None:
            pinned = self.run_index.get(visit.pinned.run)
            return () if pinned is None else (pinned,)
        return tuple(index for index, run in enumerate(self.runs) if visit.runs is None or run.id in visit.runs)


def _spans(visit: Visit) -> Spans:
    if visit.pinned is not None:
        return ((visit.pinned.start, visit.pinned.start),)
    return tuple(sorted((window.opens, window.closes) for window in visit.windows if window.opens <= window.closes))


def routes_of(model: Model, runs: Sequence[tuple[str, Sequence[str]]]) -> Routes:
    """Routes by index from a plan's ids; what the problem no longer knows is passed over."""
    routes: Routes = [[] for _ in model.runs]
    seen: set[int] = set()
    for run_id, visit_ids in runs:
        run = model.run_index.get(run_id)
        if run is None:
            continue
        for visit_id in visit_ids:
            visit = model.visit_index.get(visit_id)
            if visit is not None and visit not in seen:
                seen.add(visit)
                routes[run].append(visit)
    return routes
