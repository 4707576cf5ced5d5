"""Something goes wrong on a day of eight therapists: how quickly and how well is it planned anew?

Each disruption is planned by the service's own path (`disruption.replanning`) and by PyVRP with a minute, on the same
objective: driving and visits that change hands, after every promise that can be kept. The same independent checker
judges both. The yardstick's answers are remembered in --memory, so that a broken run goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from disrupted_days import KINDS, DisruptedDay, disrupted_day
from disruption_yardstick import planned, remembered
from measurement import Result, percentile, show
from scheduling_svc.disruption.replanning import Outcome, plan_rest
from scheduling_svc.disruption.searching import SEARCH_SECONDS, Search, load
from scheduling_svc.planning.checker import faults
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem

TITLE = "Disruptions: a day of eight therapists planned anew"
AIM_MS, AIM_WORSE = 250, 2.0


@dataclass(frozen=True)
class Case:
    """One disruption: the planner's answer and the yardstick's."""

    number: int
    kind: str
    ms: float
    visits: int
    cost: int
    best: int
    broken: int
    broken_by_yardstick: int
    hands: int
    wrong: int

    @property
    def worse(self) -> float:
        """Per cent by which it costs more than the yardstick."""
        return 100 * (self.cost - self.best) / max(1, self.best)


def main() -> None:
    options = _options()
    numbers = range(options.first, options.first + options.count)
    load()  # what a process does once, beside its first requests
    days = [disrupted_day(number) for number in numbers]
    timed = [_answered(day) for day in days]
    with ProcessPoolExecutor(options.processes) as pool:
        best = list(pool.map(_best, days, [options] * len(days)))
    cases = [_case(day, answer, ms, order) for day, (answer, ms), order in zip(days, timed, best, strict=True)]
    show([_result(cases, options)])


def _answered(day: DisruptedDay) -> tuple[Outcome, float]:
    began = time.perf_counter()
    outcome = plan_rest(day.problem, Search())
    return outcome, (time.perf_counter() - began) * 1000


def _best(day: DisruptedDay, options: argparse.Namespace) -> list[list[str]]:
    os.nice(5)
    return remembered(day.problem, options.yardstick_seconds, options.patience_seconds, Path(options.memory))


def _case(day: DisruptedDay, outcome: Outcome, ms: float, order: list[list[str]]) -> Case:
    problem = day.problem
    visits = {visit.id: visit for visit in problem.visits}
    best = planned(problem, {number: [visits[id_] for id_ in run] for number, run in enumerate(order)})
    wrong = len(faults(outcome.problem, outcome.plan)) + len(faults(problem, best))
    # The plan with late visits serves more than the yardstick does: compared is what both must keep.
    kept = _promised_only(problem, outcome)
    return Case(
        number=day.number,
        kind=day.kind,
        ms=ms,
        visits=sum(visit.seconds > 0 for visit in problem.visits),
        cost=kept.cost.total - kept.cost.left_out,
        best=best.cost.total - best.cost.left_out,
        broken=_broken(problem, kept),
        broken_by_yardstick=_broken(problem, best),
        hands=outcome.hands_changed,
        wrong=wrong,
    )


def _promised_only(problem: Problem, outcome: Outcome) -> Plan:
    late = {one.visit for one in outcome.late}
    visits = {visit.id: visit for visit in problem.visits}
    order = {
        number: [visits[one.visit] for one in run.visits if one.visit not in late]
        for number, run in enumerate(outcome.plan.runs)
    }
    return planned(problem, order)


def _broken(problem: Problem, plan: Plan) -> int:
    """Promises, and urgent visits, that a plan does not keep."""
    return len(plan.left_out)


def _result(cases: Sequence[Case], options: argparse.Namespace) -> Result:
    result = Result(
        f"{TITLE} ({len(cases)} of them, against PyVRP given {options.yardstick_seconds:g} s)",
        "make bench ARGS='--only disruptions'",
        ("what went wrong", "days", "visits left", "p50 ms", "p95 ms", "worse by mean", "worse at p95",
         "promises broken", "by the yardstick", "more than it", "changed hands"),
    )  # fmt: skip
    for kind in (*KINDS, "all"):
        mine = [case for case in cases if kind in (case.kind, "all")]
        if mine:
            result.rows.append(_row(kind, mine))
    wrong = sum(case.wrong for case in cases)
    p95 = percentile([case.ms for case in cases], 0.95)
    equal = [case for case in cases if case.broken == case.broken_by_yardstick]
    worse = sum(case.worse for case in equal) / max(1, len(equal))
    more = sum(max(0, case.broken - case.broken_by_yardstick) for case in cases)
    result.notes = [
        f"Aims: p95 within {AIM_MS} ms ({_reached(p95 <= AIM_MS)}), at most {AIM_WORSE:g} % worse "
        f"({worse:.2f} %: {_reached(worse <= AIM_WORSE)}), no promise broken that the yardstick keeps "
        f"({more}: {_reached(more == 0)}); faults found by the independent checker in both: {wrong}. "
        f"The planner searches for {SEARCH_SECONDS * 1000:g} ms; cost is driving plus 15 minutes for each visit that "
        "changes hands, compared where both keep equally many promises. The yardstick computes for "
        f"{options.yardstick_seconds:g} s, or until {options.patience_seconds:g} s brought nothing better. No lunch "
        "breaks: the yardstick knows none."
    ]
    return result


def _row(kind: str, cases: Sequence[Case]) -> tuple[str, ...]:
    equal = [case.worse for case in cases if case.broken == case.broken_by_yardstick] or [0.0]
    ms = [case.ms for case in cases]
    return (
        kind,
        str(len(cases)),
        f"{sum(case.visits for case in cases) / len(cases):.0f}",
        f"{percentile(ms, 0.5):.0f}",
        f"{percentile(ms, 0.95):.0f}",
        f"{sum(equal) / len(equal):.2f} %",
        f"{percentile(equal, 0.95):.2f} %",
        str(sum(case.broken for case in cases)),
        str(sum(case.broken_by_yardstick for case in cases)),
        str(sum(max(0, case.broken - case.broken_by_yardstick) for case in cases)),
        f"{sum(case.hands for case in cases) / len(cases):.1f}",
    )


def _reached(yes: bool) -> str:
    return "reached" if yes else "MISSED"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--yardstick-seconds", type=float, default=60)
    parser.add_argument(
        "--patience-seconds", type=float, default=15, help="it ends after so many without a better plan"
    )
    parser.add_argument("--processes", type=int, default=2, help="yardsticks side by side")
    parser.add_argument("--memory", default=str(Path(tempfile.gettempdir()) / "fascia-yardsticks"))
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
