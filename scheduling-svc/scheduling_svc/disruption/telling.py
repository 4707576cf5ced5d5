"""Who hears of a new time: thresholds that keep a patient's phone silent and still warn before a promise breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduling_svc.disruption.eta import Eta
from scheduling_svc.workforce.practice import Practice


class Level(StrEnum):
    """How it stands with a promise."""

    NONE = "none"
    NEAR = "near"
    BROKEN = "broken"


@dataclass(frozen=True)
class Thresholds:
    """What a practice finds worth a message.

    tell: a patient hears of a time that differs by more than these minutes from the one they heard last. warn: the
    dispatcher hears of a promise with fewer minutes to spare.
    """

    tell: int
    warn: int

    def is_news(self, expected_at: datetime, told_at: datetime) -> bool:
        """Whether a patient who was told one moment should hear of another."""
        return abs(expected_at - told_at) > timedelta(minutes=self.tell)

    def level(self, eta: Eta, *, exact: bool) -> Level:
        """How it stands with the promise of a visit that is expected then.

        On an exact time nobody can be early enough to have minutes to spare, and nobody calls it broken over what is
        not worth a message: there both lines are where the patient is told. A visit that is on its planned time is in
        no danger, however close to the end of its window the planner put it.
        """
        if exact:
            return Level.BROKEN if eta.late > self.tell else Level.NONE
        if eta.late > 0:
            return Level.BROKEN
        return Level.NEAR if eta.delayed > 0 and -eta.late < self.warn else Level.NONE


def thresholds_of(practice: Practice) -> Thresholds:
    """The practice's own."""
    return Thresholds(practice.tell_moves_minutes, practice.late_warning_minutes)
