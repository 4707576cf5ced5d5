"""What the office records of a therapist's working day, and takes back when it was wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from fascia.problem import Conflict, RuleViolation
from outcomes_svc.pay.money import ZERO
from outcomes_svc.pay.work import EntryKind, TimeEntry

MOST = {EntryKind.HOURS: Decimal(24), EntryKind.KILOMETRES: Decimal(2000), EntryKind.DRIVE_MINUTES: Decimal(1440)}
"""What one day can hold, per entry."""


@dataclass(frozen=True, kw_only=True)
class PayEntry:
    """A recorded quantity of one day. It is never edited: a wrong one is withdrawn and recorded anew."""

    id: str
    version: int
    therapist_id: str
    kind: EntryKind
    date: date
    quantity: Decimal
    recorded_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether it no longer counts."""
        return self.withdrawn_at is not None

    @property
    def work(self) -> TimeEntry:
        """What of it is paid."""
        return TimeEntry(id=self.id, kind=self.kind, date=self.date, quantity=self.quantity)

    def withdraw(self, now: datetime, by: str) -> PayEntry:
        """Take it back; raises Conflict when that was done before."""
        if self.withdrawn:
            raise Conflict("already-withdrawn", "This entry was withdrawn before.")
        return replace(self, version=self.version + 1, withdrawn_at=now, withdrawn_by=by)


def check_entry(kind: EntryKind, quantity: Decimal, day: date, now: datetime) -> None:
    """Raise RuleViolation for what no day can hold or has not happened yet."""
    if not ZERO < quantity <= MOST[kind]:
        fix = f"Send more than 0 and at most {MOST[kind]} {kind.replace('_', ' ')}."
        raise RuleViolation("quantity-out-of-bounds", f"{quantity} is not what one day can hold.", "quantity", fix)
    # A day more than the clock says: somewhere it is tomorrow already.
    if day > now.date() + timedelta(days=1):
        raise RuleViolation("not-yet", f"{day} is still to come.", "date", "Record what was worked, when it was.")
