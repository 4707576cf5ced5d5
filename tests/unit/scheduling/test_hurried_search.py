"""Nobody who reports a disruption waits for a compiler."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from scheduling_svc.disruption import searching
from scheduling_svc.disruption.searching import Search
from scheduling_svc.planning.checker import faults
from scheduling_svc.planning.made_up import Spec, day
from scheduling_svc.planning.plan import Plan

PROBLEM = day(Spec(therapists=2, visits=5, lunch_minutes=0), seed=3)


def test_until_the_planner_is_loaded_plans_are_made_by_insertion_and_it_is_loaded_beside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(searching, "_ready", threading.Event())
    monkeypatch.setattr(searching, "begin_to_load", lambda: begun.append("loading"))
    search = Search()
    plan = search(PROBLEM, Plan(()))
    assert faults(PROBLEM, plan) == []
    assert (plan.engine, search.thorough, begun) == ("insertion", False, ["loading"])


def test_afterwards_every_search_is_a_thorough_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = threading.Event()
    ready.set()
    monkeypatch.setattr(searching, "_ready", ready)
    search = Search()
    empty = replace(PROBLEM, visits=())
    assert faults(empty, search(empty, Plan(()))) == []
    assert search.thorough
    assert search.seconds > 0
