"""An alert and its states. Pure.

open -> escalated (nobody acknowledged it in time) -> acknowledged; open -> acknowledged; any of them -> withdrawn, when
the answers are amended so that the reason is gone; withdrawn -> open, when it is back. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fascia.problem import Conflict


class AlertKind(StrEnum):
    """What was seen."""

    SELF_HARM = "self_harm"
    DETERIORATION = "deterioration"


class Severity(StrEnum):
    """How fast somebody must look."""

    URGENT = "urgent"
    HIGH = "high"


SEVERITY: Mapping[AlertKind, Severity] = {
    AlertKind.SELF_HARM: Severity.URGENT,
    AlertKind.DETERIORATION: Severity.HIGH,
}


class AlertState(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"


WAITING = (AlertState.OPEN, AlertState.ESCALATED)
"""The states in which somebody still has to look."""


@dataclass(frozen=True)
class Step:
    """One entry of the history. `by` is a person's subject, or None where the service did it."""

    state: AlertState
    at: datetime
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One reason to look at one score; which answer it was is kept with the score and nowhere else.

    `score_id` may be that of a score that is still to come: answers that were refused as incomplete alert all the same,
    and so do those of an evaluation before treatment begins, when there is no episode yet.
    `note` is what whoever acknowledged it wrote.
    """

    id: str
    version: int
    kind: AlertKind
    patient_id: str
    score_id: str
    episode_id: str | None
    therapist_id: str | None
    instrument: str
    state: AlertState
    raised_at: datetime
    escalate_at: datetime
    history: tuple[Step, ...]
    note: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None

    @property
    def severity(self) -> Severity:
        """How fast somebody must look."""
        return SEVERITY[self.kind]

    def acknowledged(self, by: str, note: str, now: datetime) -> Alert:
        """Somebody looked; raises Conflict where it does not wait for that."""
        if self.state not in WAITING:
            raise Conflict(
                "alert-not-waiting",
                f"The alert is {self.state}; nobody has to acknowledge it.",
                fix="Read it again: its history says what happened.",
            )
        changed = self._to(AlertState.ACKNOWLEDGED, now, by)
        return replace(changed, note=note, acknowledged_by=by, acknowledged_at=now)

    def escalated(self, now: datetime) -> Alert:
        """Nobody acknowledged it in time; the same alert where it is not open or there is time left."""
        if self.state is not AlertState.OPEN or now < self.escalate_at:
            return self
        return self._to(AlertState.ESCALATED, now)

    def withdrawn(self, now: datetime) -> Alert:
        """Its reason is gone."""
        return self if self.state is AlertState.WITHDRAWN else self._to(AlertState.WITHDRAWN, now)

    def raised_again(self, now: datetime, escalate_at: datetime) -> Alert:
        """Its reason is back; the same alert where it was never gone."""
        if self.state is not AlertState.WITHDRAWN:
            return self
        return replace(self._to(AlertState.OPEN, now), raised_at=now, escalate_at=escalate_at)

    def _to(self, state: AlertState, now: datetime, by: str | None = None) -> Alert:
        return replace(self, state=state, version=self.version + 1, history=(*self.history, Step(state, now, by)))
