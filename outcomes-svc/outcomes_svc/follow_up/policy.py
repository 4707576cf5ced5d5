"""How a practice asks its patients. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from fascia.problem import RuleViolation
from outcomes_svc.episodes.window import END_FROM, END_TARGET, END_UNTIL

LATEST_DAY = END_UNTIL.days - 7
"""So that an answer within a week still falls into the window of the end."""


@dataclass(frozen=True, kw_only=True)
class FollowUpPolicy:
    """Days are counted from visit 1. The defaults are a choice of this project, for a practice to tighten or thin out.

    `baseline_hours_before`: how long before the first visit the baseline is asked for. `after_sessions`: after which
    sessions of an episode (2 is the second) the patient is asked. `days`: when they are asked by the calendar, treated
    or discharged. `days_between`: the least time between two requests for the same instrument. `open_days`: how long a
    request can be answered. `reminder_after_days`: when an unanswered one is sent once more; None: never.
    `escalate_after_minutes`: how long an alert may wait for somebody to acknowledge it.
    """

    version: int = 1
    baseline_hours_before: int = 48
    after_sessions: tuple[int, ...] = (3, 6, 10)
    days: tuple[int, ...] = (21, 42, END_TARGET.days, 170)
    days_between: int = 7
    open_days: int = 7
    reminder_after_days: int | None = 3
    escalate_after_minutes: int = 60

    @property
    def gap(self) -> timedelta:
        """The least time between two requests for the same instrument."""
        return timedelta(days=self.days_between)

    def changed(self, changes: dict[str, Any]) -> FollowUpPolicy:
        """The next version; raises RuleViolation for a schedule that could choose the end of an episode."""
        new = replace(self, **changes, version=self.version + 1)
        new.check()
        return new

    def check(self) -> None:
        """Raise RuleViolation where the schedule contradicts itself or the window of the end."""
        for name in ("after_sessions", "days"):
            values = getattr(self, name)
            if list(values) != sorted(set(values)):
                raise RuleViolation(
                    "not-ascending", f"{name} names a number twice or out of order.", name, "Name each once, ascending."
                )
        if END_TARGET.days not in self.days:
            raise RuleViolation(
                "end-not-asked",
                f"The end of an episode is the score closest to day {END_TARGET.days}, and that day is not asked for.",
                "days",
                f"Add {END_TARGET.days}; the answers nearest to it decide, and no practice chooses that day itself.",
            )
        if self.reminder_after_days is not None and self.reminder_after_days >= self.open_days:
            raise RuleViolation(
                "reminder-too-late",
                "The reminder would come when the request has expired.",
                "reminder_after_days",
                f"Choose less than open_days ({self.open_days}), or null for no reminder.",
            )


def in_end_window(day: int) -> bool:
    """Whether an answer on this day may be the end of an episode."""
    return END_FROM.days <= day <= END_UNTIL.days
