"""Timed work: go on with runs that are not done, and begin the run of a month on the day that the plan names."""

from __future__ import annotations

import logging
from datetime import timedelta

from fascia.localtime import local_date
from fascia.problem import Problem
from fascia.runtime import Runtime
from fascia.service import Job
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.pay import store
from outcomes_svc.pay.issue import go_on, issue_month
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import plan_of
from outcomes_svc.pay.run import RunState

_log = logging.getLogger(__name__)

BY = "pay-schedule"
"""Who started a run that nobody asked for."""


def issue_due_pay(runtime: Runtime) -> None:
    """One tick: some more therapists of each run in hand, and the runs that are due. Safe in several processes."""
    for practice_id in runtime.practices("pay_plans"):
        reading = runtime.reading(practice_id)
        for run in store.runs(reading, RunState.RUNNING):
            month = run.month
            runtime.transaction(practice_id, lambda uow, month=month: go_on(uow, month))  # type: ignore[misc]
        due = _due(reading)
        if due is not None:
            runtime.transaction(practice_id, lambda uow, due=due: _begin(uow, due))  # type: ignore[misc]


def _due(uow: UnitOfWork) -> Month | None:
    """The month whose statements the plan wants by now, or None."""
    plans, runs = store.plans(uow), store.runs(uow)
    newest = plan_of(plans, Month.of(uow.now, "UTC")) or (plans[0] if plans else None)
    if newest is None or newest.issue_on_day is None:
        return None
    today = local_date(uow.now, newest.time_zone)
    month = Month(today.year, today.month).plus(-1)
    if today.day < newest.issue_on_day or (runs and runs[-1].month >= month):
        return None
    return runs[-1].month.plus(1) if runs else month


def _begin(uow: UnitOfWork, month: Month) -> None:
    try:
        issue_month(uow, month, BY)
    except Problem as problem:
        # Not over in some zone yet, or no plan for it: a later tick or a person finds out.
        _log.info("pay is due and was not begun", extra={"month": str(month), "code": problem.code})


JOBS = (Job("issue-pay", timedelta(seconds=20), issue_due_pay),)
