"""What a dispatcher would notice about plans: repeatable, no worse than before, reasons, and what binds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduling_svc.planning import checker, planner
from scheduling_svc.planning.engines import compiling
from scheduling_svc.planning.explain import Limit, explain
from scheduling_svc.planning.made_up import HOUR, Spec, day
from scheduling_svc.planning.plan import PROMISED, Plan, Why
from scheduling_svc.planning.planner import solve
from scheduling_svc.planning.problem import Assignment, Problem, Weights, Window

DAY = day(Spec(therapists=4, visits=18), seed=3)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(DAY, seed=1, rounds=500)


def where(plan: Plan, visit: str) -> tuple[str, int] | None:
    found = [(run.run, one.starts) for run in plan.runs for one in run.visits if one.visit == visit]
    return found[0] if found else None


def changed(problem: Problem, visit: str, **how: object) -> Problem:
    return replace(problem, visits=tuple(replace(one, **how) if one.id == visit else one for one in problem.visits))


def test_the_same_seed_gives_the_same_plan(plan: Plan) -> None:
    assert solve(DAY, seed=1, rounds=500) == plan


def test_a_start_is_never_made_worse(plan: Plan) -> None:
    again = solve(DAY, seed=2, rounds=20, start=plan)

    assert again.cost.total <= plan.cost.total


def test_a_start_in_which_patients_know_their_times_is_never_made_worse() -> None:
    for seed in range(3):
        asked = day(Spec(therapists=4, visits=20), seed)
        begun = solve(asked, seed=1, rounds=300)
        placed = {one.visit: Assignment(run.run, one.starts) for run in begun.runs for one in run.visits}
        told = tuple(replace(one, was=placed.get(one.id), told=True) for one in asked.visits[2:])
        problem = replace(asked, visits=told, weights=Weights(changed_hands=900, moved=0.5))

        kept = solve(problem, seed=1, rounds=0, start=begun)

        assert solve(problem, seed=1, rounds=200, start=begun).cost.total <= kept.cost.total


def test_a_start_is_kept_when_there_is_no_time(plan: Plan) -> None:
    assert solve(DAY, seed=2, seconds=0.0, start=plan).runs == plan.runs


def test_the_clock_ends_a_search(plan: Plan) -> None:
    again = solve(DAY, seed=2, seconds=0.2, start=plan)

    assert checker.faults(DAY, again) == []


def test_who_has_seconds_does_not_wait_for_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(compiling, "at_hand", lambda _: False)
    monkeypatch.setattr(planner, "_compile_meanwhile", lambda: started.append("compiling"))

    found = solve(DAY, seed=2, seconds=1.0)

    assert started
    assert checker.faults(DAY, found) == []


def test_what_is_wanted_at_once_may_have_begun_before_the_first_shift_opens() -> None:
    first = DAY.visits[0]
    early = changed(DAY, first.id, windows=(Window(-1800, first.windows[0].closes),))
    opened = replace(early, runs=tuple(replace(run, opens=run.opens - 600) for run in early.runs))
    for problem in (early, opened):
        plan = solve(problem, seed=1, rounds=50)
        assert checker.faults(problem, plan) == []
        assert where(plan, first.id) is not None


def test_a_pinned_visit_stays_even_outside_its_window(plan: Plan) -> None:
    problem = changed(DAY, "visit-0", pinned=Assignment("run-1", 8 * HOUR + 2400))

    assert where(solve(problem, seed=1, rounds=200, start=plan), "visit-0") == ("run-1", 8 * HOUR + 2400)


def test_a_tandem_begins_at_one_moment_with_two_therapists() -> None:
    both = (Window(10 * HOUR, 12 * HOUR),)
    problem = changed(changed(DAY, "visit-0", tandem="a", windows=both), "visit-1", tandem="a", windows=both)

    found = solve(problem, seed=1, rounds=500)

    one, other = where(found, "visit-0"), where(found, "visit-1")
    assert one is not None
    assert other is not None
    assert one[1] == other[1]
    assert one[0] != other[0]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"runs": frozenset()}, Why.NOBODY_MAY),
        ({"windows": (Window(2 * HOUR, 3 * HOUR),)}, Why.NO_TIME),
        ({"windows": ()}, Why.NO_TIME),
        ({"prize": 1}, Why.NOT_WORTH_IT),
    ],
)
def test_what_is_left_out_says_why(how: dict[str, object], why: Why) -> None:
    found = solve(changed(DAY, "visit-0", **how), seed=1, rounds=200)

    assert [(left.visit, left.why) for left in found.left_out] == [("visit-0", why)]


def test_a_visit_beyond_every_drive_is_too_far() -> None:
    far = DAY.visits[0].place
    drives = tuple(
        tuple(9 * HOUR if far in (a, b) and a != b else seconds for b, seconds in enumerate(row))
        for a, row in enumerate(DAY.drives)
    )

    found = solve(replace(DAY, drives=drives), seed=1, rounds=200)

    assert [left.why for left in found.left_out] == [Why.TOO_FAR]
    assert found.cost.left_out == PROMISED


def test_the_second_therapist_of_a_tandem_is_missed_by_name() -> None:
    problem = changed(changed(DAY, "visit-0", tandem="a"), "visit-1", tandem="a", runs=frozenset())

    found = solve(problem, seed=1, rounds=100)

    assert {left.visit: left.why for left in found.left_out} == {
        "visit-0": Why.PARTNER_MISSING,
        "visit-1": Why.NOBODY_MAY,
    }


def test_few_visits_change_hands_when_that_costs(plan: Plan) -> None:
    placed = {one.visit: Assignment(run.run, one.starts) for run in plan.runs for one in run.visits}
    stable = replace(
        DAY,
        visits=tuple(replace(one, was=placed[one.id], told=True) for one in DAY.visits[1:]),
        weights=Weights(changed_hands=3 * HOUR, moved=1.0),
    )

    found = solve(stable, seed=1, start=plan)

    told = explain(stable, found, plan)
    assert not [change for change in told.changes if change.run != change.run_before and change.visit != "visit-0"]
    assert found.cost.changed_hands == 0
    assert found.cost.moved == 0


def test_an_explanation_names_costs_limits_and_changes(plan: Plan) -> None:
    problem = changed(DAY, "visit-2", windows=(Window(15 * HOUR, 15 * HOUR),))
    found = solve(problem, seed=1, rounds=300, start=plan)

    told = explain(problem, found, plan)

    assert told.added is not None
    assert told.added.total == found.cost.total - plan.cost.total
    assert "visit-2" in {change.visit for change in told.changes}
    assert (Limit.WINDOW, "visit-2") in {(bind.limit, bind.visit) for run in told.runs for bind in run.binds}
    assert sum(run.driving for run in told.runs) == found.cost.driving


def test_a_problem_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="visit-0 is at place 99"):
        solve(changed(DAY, "visit-0", place=99), seed=1)


def test_no_therapist_and_no_visit_are_plans_too() -> None:
    nobody = solve(replace(DAY, runs=()), seed=1)
    nothing = solve(replace(DAY, visits=()), seed=1)

    assert {left.why for left in nobody.left_out} == {Why.NOBODY_MAY}
    assert nothing.cost.total == 0


def test_the_checker_sees_what_is_wrong(plan: Plan) -> None:
    run = next(run for run in plan.runs if len(run.visits) > 1)
    others = tuple(one for one in plan.runs if one is not run)

    def with_run(**how: object) -> list[str]:
        broken = replace(run, **how)
        runs = tuple(broken if one is run else one for one in plan.runs)
        return checker.faults(DAY, replace(plan, runs=runs))

    early = replace(run.visits[1], starts=run.visits[1].arrives - 1)
    assert any("before it is reached" in fault for fault in with_run(visits=(run.visits[0], early, *run.visits[2:])))
    assert any("neither in a run" in fault for fault in with_run(visits=run.visits[1:]))
    assert any("pauses are not" in fault for fault in with_run(breaks=()))
    assert any("sooner than the drive" in fault for fault in with_run(ends=run.visits[-1].starts))
    assert any("is in the plan 2 times" in fault for fault in with_run(visits=(*run.visits, run.visits[0])))
    assert checker.faults(DAY, replace(plan, runs=others)) != []
    cheaper = replace(plan, cost=replace(plan.cost, driving=plan.cost.driving - 1))
    assert checker.faults(DAY, cheaper) == [f"cost of driving is {plan.cost.driving}, not {plan.cost.driving - 1}"]
