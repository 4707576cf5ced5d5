"""A run: one practice's statements of one month, issued therapist by therapist. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fascia.problem import Conflict, RuleViolation
from outcomes_svc.pay.books import is_over
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import PayPlan, plan_of

AT_ONCE = 25
"""Statements that one transaction issues: a request with more goes on in the worker."""
CORRECTED_MONTHS = 12
"""How many months back statements are corrected; a choice of this project. Older ones are settled between people."""


class RunState(StrEnum):
    """`running`: some statements are still to be issued."""

    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class PayRun:
    """`waiting` are the therapists whose statement is still to be made. Not everybody gets one: who did not work, and
    for whom nothing is corrected, has nothing to be told. `model_version` is None where there is no model."""

    month: Month
    plan_version: int
    model_version: str | None
    started_at: datetime
    started_by: str
    therapists: int
    waiting: tuple[str, ...]
    issued: int = 0
    version: int = 1

    @property
    def state(self) -> RunState:
        """Whether it is done."""
        return RunState.RUNNING if self.waiting else RunState.DONE

    def after(self, done: Sequence[str], issued: int) -> PayRun:
        """The run after some therapists' turn, `issued` of whom got a statement."""
        left = tuple(therapist for therapist in self.waiting if therapist not in done)
        return replace(self, waiting=left, issued=self.issued + issued, version=self.version + 1)


def plan_for_run(plans: Sequence[PayPlan], month: Month, last: Month | None, now: datetime) -> PayPlan:
    """The plan that pays a month whose statements may be issued now; raises RuleViolation or Conflict.

    Months are issued one after the other, so that each statement corrects what came before it and nothing falls
    between two of them.
    """
    plan = plan_of(plans, month)
    if plan is None:
        raise RuleViolation(
            "no-pay-plan", f"No pay plan is in effect in {month}.", "month", "Add a pay plan that begins by then."
        )
    if last is not None and month != last.plus(1):
        later = f"{last.plus(1)} is the next month to issue: work of {last} or before that became known since is paid"
        raise Conflict(
            "not-the-next-month", f"Statements of {last} were issued last.", "month", f"{later} by correction there."
        )
    if not is_over(plan, month, now):
        raise RuleViolation(
            "month-not-over", f"{month} is not over yet everywhere.", "month", "Ask again when the month has ended."
        )
    return plan
