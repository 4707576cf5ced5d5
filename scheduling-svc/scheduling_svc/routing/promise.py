"""What a patient was promised: when a visit begins, at the earliest and at the latest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Promise:
    """Both ends included; equal for an exact time."""

    earliest: datetime
    latest: datetime

    @property
    def is_exact(self) -> bool:
        """Whether the visit begins at one moment and no other."""
        return self.earliest == self.latest

    def keeps(self, starts_at: datetime) -> bool:
        """Whether a visit that begins then keeps it."""
        return self.earliest <= starts_at <= self.latest

    def blocks_until(self, minutes: int) -> datetime:
        """Until when a visit of this length may last: the patient has no other one before."""
        return self.latest + timedelta(minutes=minutes)


def exactly(starts_at: datetime) -> Promise:
    """The promise of an exact time."""
    return Promise(starts_at, starts_at)
