"""A promise in danger: brought to the dispatcher once, acknowledged by somebody, over when it is kept after all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from fascia.problem import Conflict
from scheduling_svc.disruption.disruption import CALL, Cause, Proposal


class RiskState(StrEnum):
    """open -> acknowledged -> resolved; open -> resolved; resolved -> open when it comes to be in danger again."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Danger:
    """How it stands with one visit. `expected_at` None: nobody can make it. `broken`: it will be, if nobody acts."""

    cause: Cause
    therapist_id: str
    promised_until: datetime
    expected_at: datetime | None
    broken: bool
    proposals: tuple[Proposal, ...] = (CALL,)

    @property
    def late_minutes(self) -> int:
        """Minutes past the promise, negative: to spare; 0 where nobody comes."""
        if self.expected_at is None:
            return 0
        return int((self.expected_at - self.promised_until).total_seconds() // 60)


@dataclass(frozen=True)
class Risk:
    """One visit's promise, whatever happened to it so far. Its id is the appointment's; `version` is the stored one."""

    id: str
    patient_id: str
    date: date
    time_zone: str
    danger: Danger
    raised_at: datetime
    state: RiskState = RiskState.OPEN
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    version: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nobody has to look at it any more."""
        return self.state is RiskState.RESOLVED

    def raised_again(self, danger: Danger, now: datetime) -> Risk | None:
        """With what is known now, to be told again; None where the dispatcher has heard as much.

        Worse is news: from danger to broken, and from late to nobody at all. So is a danger that had been over.
        """
        known = self.danger
        if not self.is_over and _severity(danger) <= _severity(known):
            return None
        return replace(
            self, danger=danger, raised_at=now, state=RiskState.OPEN, acknowledged_by=None, acknowledged_at=None,
            resolved_at=None,
        )  # fmt: skip

    def acknowledged(self, by: str, now: datetime) -> Risk:
        """Somebody sees to it; saying so twice keeps the first. Raises Conflict for one that is over."""
        if self.is_over:
            raise Conflict("risk-is-over", "The promise is no longer in danger.", "id", "There is nothing to see to.")
        if self.state is RiskState.ACKNOWLEDGED:
            return self
        return replace(self, state=RiskState.ACKNOWLEDGED, acknowledged_by=by, acknowledged_at=now)

    def resolved(self, now: datetime) -> Risk:
        """It is kept after all, or nothing is promised any more."""
        return self if self.is_over else replace(self, state=RiskState.RESOLVED, resolved_at=now)


def _severity(danger: Danger) -> int:
    return 2 if danger.expected_at is None else int(danger.broken)
