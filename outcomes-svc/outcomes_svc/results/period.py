"""The months in which episodes opened. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from fascia.problem import RuleViolation

LONGEST_MONTHS = 36
USUAL_MONTHS = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From the first day of a month to the last day of a month, both included.

    Whole months only: two periods that differ by a day would tell how the one patient of that day fared.
    """

    first: date
    last: date

    @property
    def until(self) -> date:
        """The day after."""
        return self.last + _DAY


def period(first: date | None, last: date | None, today: date) -> Period:
    """The period asked for; without `first` twelve months, without `last` up to this month. Raises RuleViolation."""
    end = _month_end(today) if last is None else last
    start = _months_before(end, USUAL_MONTHS) if first is None else first
    if start.day != 1:
        raise _refused("from", f"{start} is no first day of a month.", f"Send {start.replace(day=1)}.")
    if end != _month_end(end):
        raise _refused("to", f"{end} is no last day of a month.", f"Send {_month_end(end)}.")
    if start > end:
        raise _refused("to", "The period ends before it begins.", "Send a last day that comes after the first.")
    if start < _months_before(end, LONGEST_MONTHS):
        fix = f"Send {_months_before(end, LONGEST_MONTHS)} or a later month."
        raise _refused("from", f"The period is longer than {LONGEST_MONTHS} months.", fix)
    return Period(start, end)


def _refused(field: str, detail: str, fix: str) -> RuleViolation:
    return RuleViolation("period-refused", detail, field, fix)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY


def _months_before(last: date, months: int) -> date:
    """The first day of a period of so many months that ends on `last`, or 1 January of year 1."""
    index = last.year * 12 + last.month - months
    return date(index // 12, index % 12 + 1, 1) if index >= 12 else date(1, 1, 1)
