"""What is left of a day after something went wrong, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from scheduling_svc.disruption.replanning import plan_rest
from scheduling_svc.disruption.rest_of_day import Standing, rest_of_day, slowed, with_visit
from scheduling_svc.planning.checker import faults
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.planner import solve
from scheduling_svc.planning.problem import Assignment, Break, Problem, Run, Visit, Weights, Window

HOUR, MINUTE = 3600, 60
DAY = date(2027, 1, 18)
ORIGIN = datetime(2027, 1, 18, 13, tzinfo=UTC)


def drives(size: int) -> tuple[tuple[int, ...], ...]:
    """Places in a row, ten minutes apart."""
    return tuple(tuple(600 * abs(a - b) for b in range(size)) for a in range(size))


def run(id_: str, place: int = 0, **changes: object) -> Run:
    plain = Run(id_, f"t-{id_}", DAY, place, place, 0, 8 * HOUR, longest_drive=2 * HOUR)
    return replace(plain, **changes)  # type: ignore[arg-type]


def visit(id_: str, place: int, was: str, start: int, *, spare: int = HOUR) -> Visit:
    return Visit(id_, place, HOUR, (Window(start - spare, start + spare),), was=Assignment(was, start), told=True)


def day() -> Problem:
    visits = (
        visit("a1", 1, "a", HOUR),
        visit("a2", 2, "a", 3 * HOUR),
        visit("b1", 3, "b", HOUR),
        visit("b2", 4, "b", 5 * HOUR),
    )
    weights = Weights(changed_hands=900)
    return Problem(ORIGIN, (run("a"), run("b", place=4)), visits, drives(5), weights)


def ill(problem: Problem, run_id: str) -> Problem:
    """Nothing is left of a shift."""
    runs = tuple(replace(one, closes=one.opens) if one.id == run_id else one for one in problem.runs)
    return replace(problem, runs=runs)


def without_visits(problem: Problem, visit_ids: list[str]) -> Problem:
    return replace(problem, visits=tuple(one for one in problem.visits if one.id not in visit_ids))


def quick(problem: Problem, start: Plan) -> Plan:
    return solve(problem, seed=1, rounds=50, start=start)


def placed(plan: Plan) -> dict[str, str]:
    return {one.visit: planned.run for planned in plan.runs for one in planned.visits}


def test_what_has_begun_is_not_planned_again_and_the_run_goes_on_from_there() -> None:
    standing = Standing(1, 2 * HOUR + 1200, anchor="a1", begun=frozenset({"a1"}), driven=600, worked=HOUR)
    rest = rest_of_day(day(), 2 * HOUR, {"a": standing})
    outcome = plan_rest(rest, quick)
    assert faults(outcome.problem, outcome.plan) == []
    anchored = outcome.plan.runs[0].visits[0]
    assert (anchored.visit, anchored.starts) == ("a1", 2 * HOUR + 1200)
    assert all(one.starts >= 2 * HOUR for planned in outcome.plan.runs for one in planned.visits)
    assert outcome.plan.runs[0].drive_back > 0


def test_the_way_home_is_counted_also_where_nothing_else_is_left() -> None:
    standing = Standing(1, 8 * HOUR, anchor="a1", begun=frozenset({"a1", "a2"}))
    rest = without_visits(rest_of_day(day(), 8 * HOUR, {"a": standing}), ["b1", "b2"])
    plan = quick(rest, Plan(()))
    assert faults(rest, plan) == []
    assert plan.cost.driving == 600


def test_the_visits_of_a_therapist_who_is_ill_go_to_others() -> None:
    rest = ill(rest_of_day(day(), 0, {}), "a")
    outcome = plan_rest(rest, quick)
    assert faults(outcome.problem, outcome.plan) == []
    assert placed(outcome.plan) == {"a1": "b", "a2": "b", "b1": "b", "b2": "b"}
    assert outcome.hands_changed == 2
    assert not outcome.late
    assert not outcome.lost


def test_a_promise_that_nobody_can_keep_is_kept_as_late_as_must_be_and_named() -> None:
    busy = Standing(4, 7 * HOUR - 1200, begun=frozenset({"b1"}), anchor="b1")
    rest = without_visits(rest_of_day(day(), 4 * HOUR, {"b": busy}), ["a1", "a2"])
    only_b = replace(rest, visits=tuple(replace(one, runs=frozenset({"b"})) for one in rest.visits))
    outcome = plan_rest(only_b, quick)
    assert faults(outcome.problem, outcome.plan) == []
    (late,) = outcome.late
    assert (late.visit, late.run, late.starts, late.seconds) == ("b2", "b", 7 * HOUR - 1200, HOUR - 1200)
    assert outcome.alternatives[0].visit == "b2"


def test_a_visit_that_nobody_may_make_is_lost_and_named() -> None:
    rest = rest_of_day(day(), 0, {})
    nobody = replace(rest, visits=(replace(rest.visits[0], runs=frozenset({"a"})), *rest.visits[1:]))
    outcome = plan_rest(ill(nobody, "a"), quick)
    assert [left.visit for left in outcome.lost] == ["a1"]
    assert outcome.alternatives == ()
    assert placed(outcome.plan).keys() == {"a2", "b1", "b2"}


def test_an_urgent_visit_goes_where_it_breaks_no_promise() -> None:
    urgent = Visit("new", 0, HOUR, (Window(0, 2 * HOUR),))
    row = [600, 0, 600, 1200, 1800]
    problem = with_visit(rest_of_day(day(), 0, {}), urgent, row, row)
    outcome = plan_rest(problem, quick)
    assert faults(outcome.problem, outcome.plan) == []
    assert placed(outcome.plan).keys() == {"a1", "a2", "b1", "b2", "new"}


def test_a_blocked_road_counts_only_for_drives_that_may_fall_into_its_hours() -> None:
    problem = rest_of_day(day(), 0, {})
    later = slowed(problem, lambda here, there, plain: 3 * plain, 7 * HOUR, 8 * HOUR)
    assert later.drives[0][1] == 600, "the visit there begins before"
    assert later.drives[2][0] == 3600, "whoever is there may drive home then"
    whole_day = slowed(problem, lambda here, there, plain: 3 * plain, 0, 8 * HOUR)
    assert whole_day.drives[0][1] == 1800
    over = slowed(problem, lambda here, there, plain: 3 * plain, -HOUR, 0)
    assert over.drives == problem.drives


def test_a_break_whose_time_has_come_is_taken_as_soon_as_the_therapist_is_free() -> None:
    lunch = Break(Window(3 * HOUR, 4 * HOUR), 1800)
    problem = replace(day(), runs=(run("a", breaks=(lunch,)), run("b", place=4)))
    standing = Standing(2, 5 * HOUR, anchor="a2", begun=frozenset({"a1", "a2"}))
    rest = rest_of_day(problem, 4 * HOUR, {"a": standing})
    assert rest.runs[0].breaks == (Break(Window(5 * HOUR, 5 * HOUR), 1800),)
    outcome = plan_rest(without_visits(rest, ["b1"]), quick)
    assert faults(outcome.problem, outcome.plan) == []
    taken = rest_of_day(problem, 4 * HOUR, {"a": replace(standing, breaks=())})
    assert taken.runs[0].breaks == ()
