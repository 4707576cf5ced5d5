"""A hold: a slot kept for a few minutes while the patient decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from fascia.problem import Conflict
from scheduling_svc.booking.visit import VisitRequest


class HoldState(StrEnum):
    """active -> converted, released, expired."""

    ACTIVE = "active"
    CONVERTED = "converted"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Hold:
    """`date` is the local day of the visit. `version` is the stored one, 0: none yet."""

    id: str
    visit: VisitRequest
    ends_at: datetime
    date: date
    time_zone: str
    expires_at: datetime
    drive_minutes: int
    added_drive_minutes: int
    state: HoldState = HoldState.ACTIVE
    version: int = 0

    def seen_at(self, now: datetime) -> HoldState:
        """Its state at a moment: one that ran out is expired, even before the job that tidies up has seen it."""
        if self.state is HoldState.ACTIVE and self.expires_at <= now:
            return HoldState.EXPIRED
        return self.state

    def converted(self, now: datetime) -> Hold:
        """It became an appointment. Raises Conflict."""
        return self._to(HoldState.CONVERTED, now)

    def released(self, now: datetime) -> Hold:
        """It was given back. Raises Conflict."""
        return self._to(HoldState.RELEASED, now)

    def expired(self) -> Hold:
        """Its time ran out."""
        return replace(self, state=HoldState.EXPIRED)

    def _to(self, state: HoldState, now: datetime) -> Hold:
        seen = self.seen_at(now)
        if seen is not HoldState.ACTIVE:
            detail = "The hold ran out." if seen is HoldState.EXPIRED else f"The hold was {seen.value} already."
            raise Conflict(f"hold-{seen.value}", detail, "hold_id", "Ask for offers and hold again.")
        return replace(self, state=state)
