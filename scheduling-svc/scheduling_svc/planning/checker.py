"""An independent check of a plan against its problem, written from the rules in `problem` and `plan` alone.

It shares nothing with the engines but the two shapes, works with ids instead of indices, and adds every cost up anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from scheduling_svc.planning.plan import PROMISED, Cost, Plan, PlannedRun, PlannedVisit
from scheduling_svc.planning.problem import Problem, Run, Visit


def faults(problem: Problem, plan: Plan) -> list[str]:
    """Everything that is wrong with the plan, in words; empty: it is feasible and its costs are what it says."""
    found = [*_placing(problem, plan)]
    if found:
        return found
    visits = {visit.id: visit for visit in problem.visits}
    for run, planned in zip(problem.runs, plan.runs, strict=True):
        found += [f"run {run.id}: {fault}" for fault in _run_faults(problem, run, planned, visits)]
    found += [*_tandem_faults(problem, plan)]
    return found or [*_cost_faults(problem, plan)]


def _placing(problem: Problem, plan: Plan) -> Iterator[str]:
    """Every run once and in order, every visit once or left out."""
    if [run.id for run in problem.runs] != [run.run for run in plan.runs]:
        yield "the runs of the plan are not the runs of the problem, in their order"
    known = {visit.id for visit in problem.visits}
    times = Counter([visit.visit for run in plan.runs for visit in run.visits] + [left.visit for left in plan.left_out])
    for visit in sorted(known - times.keys()):
        yield f"visit {visit} is neither in a run nor left out"
    for visit, count in times.items():
        if visit not in known:
            yield f"visit {visit} is not in the problem"
        elif count > 1:
            yield f"visit {visit} is in the plan {count} times"


def _run_faults(problem: Problem, run: Run, planned: PlannedRun, visits: dict[str, Visit]) -> Iterator[str]:
    if not planned.visits:
        if planned.breaks or planned.drive_back or planned.ends != run.opens:
            yield "it has no visits and yet pauses, drives or does not end as it opens"
        return
    yield from _drive_faults(problem, run, planned, visits)
    yield from _time_faults(run, planned, visits)
    yield from _break_faults(run, planned, visits)
    for one in planned.visits:
        yield from _visit_faults(run, one, visits[one.visit])


def _drive_faults(problem: Problem, run: Run, planned: PlannedRun, visits: dict[str, Visit]) -> Iterator[str]:
    """Drives are those of the matrix, none is too long, and together they are not too many."""
    here, from_pinned = run.start_place, True
    for one in planned.visits:
        visit = visits[one.visit]
        yield from _leg(problem, run, here, visit.place, one.drive, from_pinned and visit.pinned is not None)
        here, from_pinned = visit.place, visit.pinned is not None
    yield from _leg(problem, run, here, run.end_place, planned.drive_back, from_pinned)
    if run.most_driving is not None and planned.driving > run.most_driving:
        yield f"drives {planned.driving} s, more than {run.most_driving} s"


def _leg(problem: Problem, run: Run, here: int, there: int, seconds: int, decided: bool) -> Iterator[str]:
    if seconds != problem.drives[here][there]:
        yield f"drive from place {here} to {there} is {seconds} s, not {problem.drives[here][there]} s"
    if seconds > run.longest_drive and not decided:
        yield f"drive from place {here} to {there} is longer than {run.longest_drive} s"


def _time_faults(run: Run, planned: PlannedRun, visits: dict[str, Visit]) -> Iterator[str]:
    """Nothing begins before what was before it has ended."""
    free = run.opens
    for one in planned.visits:
        if one.arrives - one.drive < free:
            yield f"leaves for {one.visit} at {one.arrives - one.drive}, before it is free at {free}"
        if one.starts < one.arrives:
            yield f"{one.visit} begins at {one.starts}, before it is reached at {one.arrives}"
        free = one.starts + visits[one.visit].seconds
    if planned.ends - planned.drive_back < free:
        yield f"is back at {planned.ends}, sooner than the drive allows"
    if planned.ends > run.closes + run.overtime:
        yield f"ends at {planned.ends}, after {run.closes + run.overtime}"


def _break_faults(run: Run, planned: PlannedRun, visits: dict[str, Visit]) -> Iterator[str]:
    """Every pause, in order, in its window, and neither during a visit nor during a drive."""
    if [pause.seconds for pause in planned.breaks] != [pause.seconds for pause in run.breaks]:
        yield "its pauses are not those of the shift"
        return
    busy = [(one.arrives - one.drive, one.arrives, f"the drive to {one.visit}") for one in planned.visits]
    busy += [(one.starts, one.starts + visits[one.visit].seconds, f"visit {one.visit}") for one in planned.visits]
    busy += [(planned.ends - planned.drive_back, planned.ends, "the drive back")]
    free = run.opens
    for taken, pause in zip(planned.breaks, run.breaks, strict=True):
        ends = taken.starts + taken.seconds
        if not pause.window.opens <= taken.starts <= pause.window.closes:
            yield f"pause at {taken.starts} begins outside its window"
        if taken.starts < free:
            yield f"pause at {taken.starts} begins before {free}"
        for begins, until, what in busy:
            if max(begins, taken.starts) < min(until, ends):
                yield f"pause at {taken.starts} falls into {what}"
        free = ends


def _visit_faults(run: Run, one: PlannedVisit, visit: Visit) -> Iterator[str]:
    if visit.pinned is not None:
        if (run.id, one.starts) != (visit.pinned.run, visit.pinned.start):
            yield f"{one.visit} is not where and when it was pinned"
        return
    if visit.runs is not None and run.id not in visit.runs:
        yield f"may not make {one.visit}"
    if not any(window.opens <= one.starts <= window.closes for window in visit.windows):
        yield f"{one.visit} begins at {one.starts}, outside its windows"


def _tandem_faults(problem: Problem, plan: Plan) -> Iterator[str]:
    """A group begins at one moment in different runs, or not at all."""
    groups: dict[str, list[str]] = {}
    for visit in problem.visits:
        if visit.tandem is not None:
            groups.setdefault(visit.tandem, []).append(visit.id)
    made = {one.visit: (run.run, one.starts) for run in plan.runs for one in run.visits}
    for name, group in groups.items():
        there = [made[visit] for visit in group if visit in made]
        if there and len(there) < len(group):
            yield f"tandem {name} is made in part"
        if len({starts for _, starts in there}) > 1:
            yield f"tandem {name} does not begin at one moment"
        if len({run for run, _ in there}) < len(there):
            yield f"tandem {name} is twice in one run"


def _cost_faults(problem: Problem, plan: Plan) -> Iterator[str]:
    told, counted = vars(plan.cost), vars(_cost(problem, plan))
    for part, amount in counted.items():
        if told[part] != amount:
            yield f"cost of {part} is {amount}, not {told[part]}"


def _cost(problem: Problem, plan: Plan) -> Cost:
    """Every part added up from the plan's own times."""
    weights = problem.weights
    runs = {run.id: run for run in problem.runs}
    visits = {visit.id: visit for visit in problem.visits}
    made = [(runs[run.run], one, visits[one.visit]) for run in plan.runs for one in run.visits]
    return Cost(
        driving=weights.driving * sum(run.driving for run in plan.runs),
        overtime=weights.overtime * sum(max(0, run.ends - runs[run.run].closes) for run in plan.runs if run.visits),
        preference=sum(visit.costs.get(run.id, 0) for run, _, visit in made),
        unfairness=round(weights.unfairness * sum(_work_above_share(problem, plan))),
        changed_hands=weights.changed_hands * sum(_other_hands(runs, run, visit) for run, _, visit in made),
        moved=round(weights.moved * sum(_moved(problem, one, visit) for _, one, visit in made)),
        left_out=sum(_worth(visits[left.visit]) for left in plan.left_out),
    )


def _worth(visit: Visit) -> int:
    return PROMISED if visit.prize is None else visit.prize


def _other_hands(runs: dict[str, Run], run: Run, visit: Visit) -> bool:
    if visit.was is None:
        return False
    before = runs.get(visit.was.run)
    return before is None or before.therapist_id != run.therapist_id


def _moved(problem: Problem, one: PlannedVisit, visit: Visit) -> int:
    if visit.was is None or not visit.told:
        return 0
    return max(0, abs(one.starts - visit.was.start) - problem.weights.tolerance)


def _work_above_share(problem: Problem, plan: Plan) -> list[float]:
    """By therapist: seconds worked above the mean that results when every promised visit is made."""
    before: dict[str, int] = {}
    for run in problem.runs:
        before[run.therapist_id] = max(run.worked, before.get(run.therapist_id, run.worked))
    if not before:
        return []
    promised = sum(visit.seconds for visit in problem.visits if visit.prize is None)
    share = (sum(before.values()) + promised) / len(before)
    seconds = {visit.id: visit.seconds for visit in problem.visits}
    work = dict(before)
    for run, planned in zip(problem.runs, plan.runs, strict=True):
        work[run.therapist_id] += sum(seconds[one.visit] for one in planned.visits)
    return [max(0.0, worked - share) for worked in work.values()]
