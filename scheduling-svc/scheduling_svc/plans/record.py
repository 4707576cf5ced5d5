"""A plan that was asked for: what it covers, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from fascia.problem import Conflict


class PlanState(StrEnum):
    """solving -> proposed -> approved; solving -> failed."""

    SOLVING = "solving"
    PROPOSED = "proposed"
    APPROVED = "approved"
    FAILED = "failed"


class PartState(StrEnum):
    """waiting -> solving -> solved or failed. A part whose solver died goes back to waiting when its lease ends."""

    WAITING = "waiting"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"


@dataclass(frozen=True)
class Effort:
    """How long to search. With `rounds` the same days and seed give the same plan; `seconds` go by the clock.

    afresh: half of it is spent on a plan from nothing, for the days as they are may be far from the best there is.
    """

    seed: int = 0
    rounds: int | None = None
    seconds: float | None = None
    afresh: bool = False


@dataclass(frozen=True)
class PlanRecord:
    """A plan of some regions' days.

    approve: it is carried out as soon as it is solved. publish: the dates whose therapists are told when it is carried
    out. made_by: who asked for it. failures: by region, why no plan was carried out. `version` is the stored one.
    """

    id: str
    dates: tuple[date, ...]
    regions: tuple[str, ...]
    effort: Effort
    approve: bool
    publish: tuple[date, ...]
    made_by: str
    made_at: datetime
    state: PlanState = PlanState.SOLVING
    failures: Mapping[str, str] = field(default_factory=dict)
    outcome: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0

    def solved(self, failed: Mapping[str, str]) -> PlanRecord:
        """All parts are through. With nothing to propose it has failed."""
        nothing = len(failed) == len(self.regions)
        return replace(self, state=PlanState.FAILED if nothing else PlanState.PROPOSED, failures=failed)

    def solving_again(self) -> PlanRecord:
        """Its days changed before it could be carried out."""
        return replace(self, state=PlanState.SOLVING, failures={})

    def approved(self) -> PlanRecord:
        """It was carried out. Raises Conflict unless it waits for that."""
        if self.state is not PlanState.PROPOSED:
            raise Conflict(
                "plan-not-proposed",
                f"The plan is {self.state.value}; only a proposed one can be approved.",
                "id",
                "Wait until it is solved." if self.state is PlanState.SOLVING else "Make a new plan.",
            )
        return replace(self, state=PlanState.APPROVED, failures={})

    def kept_waiting(self, because: str) -> PlanRecord:
        """It could not be carried out by itself: a dispatcher decides."""
        return replace(self, approve=False, failures={**self.failures, "approval": because})


@dataclass(frozen=True)
class Part:
    """One region of a plan. `solution` is set when it is solved, `because` when it failed.

    leased_until: somebody solves it until then; it is free for others afterwards. `version` is the stored one.
    """

    id: str
    plan_id: str
    region: str
    dates: tuple[date, ...]
    effort: Effort
    state: PartState = PartState.WAITING
    attempts: int = 0
    started_at: datetime | None = None
    leased_until: datetime | None = None
    finished_at: datetime | None = None
    because: str | None = None
    solution: Mapping[str, Any] | None = None
    version: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in (PartState.SOLVED, PartState.FAILED)

    def is_free(self, now: datetime) -> bool:
        """Whether somebody may take it."""
        return not self.is_over and (self.leased_until is None or self.leased_until <= now)

    def taken(self, now: datetime, lease: timedelta) -> Part:
        """Somebody solves it."""
        taken = replace(self, state=PartState.SOLVING, attempts=self.attempts + 1)
        return replace(taken, started_at=now, leased_until=now + lease)

    def solved(self, solution: Mapping[str, Any], now: datetime) -> Part:
        """It has a plan."""
        return replace(self, state=PartState.SOLVED, solution=solution, finished_at=now, leased_until=None)

    def given_back(self) -> Part:
        """Whoever solves it has to stop: anybody may take it."""
        return replace(self, leased_until=None)

    def again(self) -> Part:
        """To be solved anew, for its days have changed."""
        return replace(self, state=PartState.WAITING, solution=None, finished_at=None)

    def failed(self, because: str, now: datetime) -> Part:
        """It has none."""
        return replace(self, state=PartState.FAILED, because=because, finished_at=now, leased_until=None)

    def progress(self, now: datetime) -> float:
        """Which share of it is done, between 0 and 1. By rounds nobody knows before the end."""
        if self.is_over:
            return 1.0
        if self.started_at is None or self.state is PartState.WAITING or not self.effort.seconds:
            return 0.0
        return min(0.99, (now - self.started_at).total_seconds() / self.effort.seconds)
