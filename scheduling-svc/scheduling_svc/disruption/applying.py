"""A region's day planned anew and carried out, in the transaction of whatever went wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date

from fascia.store import UnitOfWork
from scheduling_svc.disruption import store
from scheduling_svc.disruption.blocked_roads import with_blocks
from scheduling_svc.disruption.disruption import CALL, Broken, Replanned
from scheduling_svc.disruption.replanning import Outcome, plan_rest
from scheduling_svc.disruption.running import as_it_runs
from scheduling_svc.disruption.searching import Search
from scheduling_svc.disruption.ways_out import proposals
from scheduling_svc.planning import checker
from scheduling_svc.plans.assembling import Assembled, assemble
from scheduling_svc.plans.committing import Committed, commit
from scheduling_svc.plans.finding import PlannerFault
from scheduling_svc.plans.marks import mark_changed
from scheduling_svc.plans.reading import read_region
from scheduling_svc.plans.region_days import RegionDays
from scheduling_svc.plans.retiming import on_the_roads
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.promise import exactly
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.supplying import Day, travel_for

Alter = Callable[[Assembled], Assembled]


@dataclass(frozen=True)
class Rest:
    """The rest of a region's day, planned anew; `solving_ms` is what the planner took.

    thorough: it looked around. Otherwise the plan keeps promises, and a cheaper one is worth looking for.
    """

    assembled: Assembled
    outcome: Outcome
    solving_ms: int = 0
    thorough: bool = True


@dataclass(frozen=True)
class Applied:
    """What carrying it out changed. `unpublished`: therapists whose published day lost a visit and was not told yet."""

    committed: Committed
    replanned: tuple[Replanned, ...]
    broken: tuple[Broken, ...]
    unpublished: tuple[str, ...] = ()


def plan_region(uow: UnitOfWork, region: str, on: date, alter: Alter = lambda assembled: assembled) -> Rest | None:
    """Plan what is left of a region's day. None where nobody has a mobile shift. `alter`: what is added to the day.

    First with the drives of a usual hour; should the real hours make somebody late, with those of the slowest.
    Raises PlannerFault when an engine breaks a rule of the problem.
    """
    source = read_region(uow, region, [on])
    plain = travel_for(uow, source.directory, [Day(on, region)])
    travel = with_blocks(plain, store.road_blocks(uow, [on]))
    search = Search()
    usual = _planned(source, travel, alter, search, slowest=False)
    rest = usual or _planned(source, travel, alter, search, slowest=True)
    return rest and replace(rest, solving_ms=round(search.seconds * 1000), thorough=search.thorough)


def apply(uow: UnitOfWork, rest: Rest, why_lost: str) -> Applied:
    """Carry it out: days, appointments and published routes change together. Raises Conflict, StalePlan."""
    outcome = rest.outcome
    lost = {left.visit for left in outcome.lost}
    assembled, unpublished = _left_over(uow, rest.assembled, lost)
    late = {one.visit for one in outcome.late}
    kept = replace(outcome.problem, visits=tuple(one for one in outcome.problem.visits if one.id not in lost))
    stops = {
        # An exact promise that is broken stays what it was: the day must not forget that the visit is late.
        id_: replace(stop, promise=stop.promise or exactly(stop.starts_at)) if id_ in late else stop
        for id_, stop in assembled.stops.items()
    }
    plan = replace(outcome.plan, left_out=tuple(one for one in outcome.plan.left_out if one.visit not in lost))
    committed = commit(uow, replace(assembled, problem=kept, stops=stops), plan)
    # With more time a plan may be found that keeps what is late now; it is carried out if so, and nothing else changes.
    if (late or not rest.thorough) and assembled.source.days:
        mark_changed(uow, assembled.source.days[0].therapist_id, assembled.source.dates[0])
    return Applied(
        committed,
        _replanned(rest.assembled, outcome, committed),
        _broken(rest.assembled, outcome, why_lost),
        tuple(
            id_ for id_ in unpublished if f"{id_}:{assembled.source.dates[0].isoformat()}" not in committed.published
        ),
    )


def _planned(source: RegionDays, travel: PracticeTravel, alter: Alter, search: Search, *, slowest: bool) -> Rest | None:
    assembled = alter(as_it_runs(assemble(source, travel, slowest=slowest), travel))
    if not assembled.problem.runs:
        return None
    outcome = plan_rest(assembled.problem, search)
    faults = checker.faults(outcome.problem, outcome.plan)
    if faults:
        raise PlannerFault("; ".join(faults[:5]))
    driven = on_the_roads(replace(assembled, problem=outcome.problem), outcome.plan, travel)
    if driven is None:
        return Rest(assembled, outcome) if slowest else None
    return Rest(assembled, replace(outcome, plan=driven))


def _left_over(uow: UnitOfWork, assembled: Assembled, lost: Collection[str]) -> tuple[Assembled, list[str]]:
    """Visits that nobody can make leave the routes; their therapists' days are written, and read again."""
    hit = [day for day in assembled.source.days if any(stop.id in lost and stop.shift_id for stop in day.stops)]
    if not hit:
        return assembled, []
    for day in hit:
        routing.save(uow, day.left_over(lost))
    source = read_region(uow, assembled.source.region, assembled.source.dates)
    return replace(assembled, source=source), [day.therapist_id for day in hit if day.is_published]


def _replanned(assembled: Assembled, outcome: Outcome, committed: Committed) -> tuple[Replanned, ...]:
    made = {one.visit: (run.run, one.starts) for run in outcome.plan.runs for one in run.visits}
    owners = _owners(assembled)
    found = []
    for change in outcome.changes:
        stop = assembled.stops.get(change.visit)
        if stop is None or change.visit not in made:
            continue
        run, starts = made[change.visit]
        found.append(
            Replanned(
                change.visit,
                owners[change.visit],
                stop.starts_at,
                assembled.shifts[run][0].therapist_id,
                assembled.moment(starts),
                change.visit in committed.told,
            )
        )
    return tuple(found)


def _broken(assembled: Assembled, outcome: Outcome, why_lost: str) -> tuple[Broken, ...]:
    ways = {left: [one for one in outcome.alternatives if one.visit == left] for left in _in_danger(outcome)}
    owners = _owners(assembled)
    found = []
    for one in outcome.late:
        stop = assembled.stops[one.visit]
        therapist = assembled.shifts[one.run][0].therapist_id
        found.append(
            Broken(
                one.visit,
                stop.patient_id,
                therapist,
                stop.latest,
                assembled.moment(one.starts),
                f"It can begin {-(-one.seconds // 60)} minutes after the promise at the earliest.",
                proposals(assembled, ways[one.visit], therapist),
            )
        )
    for left in outcome.lost:
        if left.visit in assembled.stops:
            stop = assembled.stops[left.visit]
            why = f"{why_lost}: {left.why.value}"
            found.append(Broken(left.visit, stop.patient_id, owners[left.visit], stop.latest, None, why, (CALL,)))
    return tuple(found)


def _owners(assembled: Assembled) -> dict[str, str]:
    """In whose day each visit was."""
    return {stop.id: day.therapist_id for day in assembled.source.days for stop in day.stops}


def _in_danger(outcome: Outcome) -> list[str]:
    return [one.visit for one in outcome.late] + [left.visit for left in outcome.lost]
