"""A solved part as it is kept: as numbers, to be carried out, and in words, to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduling_svc.planning.explain import Change, RunExplained, explain
from scheduling_svc.planning.plan import Cost, LeftOut, Plan, PlannedBreak, PlannedRun, PlannedVisit, Why
from scheduling_svc.plans.assembling import Assembled
from scheduling_svc.plans.finding import Found

Document = dict[str, Any]


def solution_of(found: Found, before: Plan) -> Document:
    """What is kept of a plan: the days it is based on, its numbers, and its explanation."""
    source = found.assembled.source
    return {
        "based_on": source.versions,
        "workforce": source.directory.mark,
        "begun": begun(found.assembled),
        "plan": _from_plan(found.plan),
        "shown": _shown(found, before),
    }


def begun(assembled: Assembled) -> list[str]:
    """The visits that have begun: a plan made before that is not carried out."""
    return sorted(id_ for id_ in assembled.stops if assembled.has_begun(id_))


def plan_of(document: Mapping[str, Any]) -> Plan:
    """Back from what was kept."""
    numbers = document["plan"]
    runs = tuple(
        PlannedRun(
            run["run"],
            tuple(PlannedVisit(*visit) for visit in run["visits"]),
            tuple(PlannedBreak(*pause) for pause in run["breaks"]),
            run["drive_back"],
            run["ends"],
        )
        for run in numbers["runs"]
    )
    left_out = tuple(LeftOut(visit, Why(why)) for visit, why in numbers["left_out"])
    return Plan(runs, left_out, Cost(**numbers["cost"]), numbers["engine"], numbers["seed"])


def _from_plan(plan: Plan) -> Document:
    return {
        "runs": [
            {
                "run": run.run,
                "visits": [[visit.visit, visit.drive, visit.arrives, visit.starts] for visit in run.visits],
                "breaks": [[pause.starts, pause.seconds] for pause in run.breaks],
                "drive_back": run.drive_back,
                "ends": run.ends,
            }
            for run in plan.runs
        ],
        "left_out": [[left.visit, left.why.value] for left in plan.left_out],
        "cost": dict(vars(plan.cost)),
        "engine": plan.engine,
        "seed": plan.seed,
    }


def _shown(found: Found, before: Plan) -> Document:
    assembled, plan = found.assembled, found.plan
    told = explain(assembled.problem, plan, before)
    explained = {one.run: one for one in told.runs}
    return {
        "engine": plan.engine,
        "seed": plan.seed,
        "keeps_promises": found.keeps_promises,
        "travel": {
            "source": found.basis.source.value,
            "estimated": found.basis.estimated,
            "because": [reason.value for reason in found.basis.because],
        },
        "cost": _cost(told.cost),
        "cost_before": _cost(told.cost_before) if told.cost_before else None,
        "added": _cost(told.added) if told.added else None,
        "runs": [_run(assembled, run, explained.get(run.run)) for run in plan.runs],
        "left_out": [
            {
                "id": left.visit,
                "promised": left.visit in assembled.stops,
                "why": "no road leads there" if left.visit in assembled.cut_off else left.why.value,
            }
            for left in plan.left_out
        ],
        "changes": [_change(assembled, change) for change in told.changes],
    }


def _cost(cost: Cost) -> Document:
    """In minutes of driving, to a tenth."""
    return {part: round(amount / 60, 1) for part, amount in {**vars(cost), "total": cost.total}.items()}


def _run(assembled: Assembled, run: PlannedRun, explained: RunExplained | None) -> Document:
    day, _ = assembled.shifts[run.run]
    return {
        "shift_id": run.run,
        "therapist_id": day.therapist_id,
        "date": day.date.isoformat(),
        "ends_at": assembled.moment(run.ends),
        "driving_minutes": run.driving // 60,
        "waiting_minutes": explained.waiting // 60 if explained else 0,
        "overtime_minutes": explained.overtime // 60 if explained else 0,
        "visits": [
            {
                "id": visit.visit,
                "waitlisted": visit.visit in assembled.entries,
                "drive_minutes": visit.drive // 60,
                "arrives_at": assembled.moment(visit.arrives),
                "starts_at": assembled.moment(visit.starts),
            }
            for visit in run.visits
        ],
        "breaks": [
            {"starts_at": assembled.moment(pause.starts), "minutes": pause.seconds // 60} for pause in run.breaks
        ],
        "binds": [
            {"limit": binding.limit.value, "slack_minutes": binding.slack // 60, "id": binding.visit}
            for binding in (explained.binds if explained else ())
        ],
    }


def _change(assembled: Assembled, change: Change) -> Document:
    def therapist(run: str | None) -> str | None:
        return assembled.shifts[run][0].therapist_id if run else None

    return {
        "id": change.visit,
        "therapist_before": therapist(change.run_before),
        "starts_before": assembled.moment(change.start_before) if change.start_before is not None else None,
        "therapist_id": therapist(change.run),
        "starts_at": assembled.moment(change.start) if change.start is not None else None,
        "told": change.told,
    }
