"""A month of pay, and the moments between which it lies where the therapist works. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from fascia.localtime import local_date, resolve
from fascia.problem import RuleViolation

_FORM = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; in order of time."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str, field: str = "month") -> Month:
        """From YYYY-MM; raises RuleViolation."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise RuleViolation("not-a-month", f"{text!r} is not a month.", field, "Send YYYY-MM, such as 2027-05.")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, at: datetime, zone: str) -> Month:
        """The month of a moment in a zone."""
        day = local_date(at, zone)
        return cls(day.year, day.month)

    def plus(self, months: int) -> Month:
        """So many months later (or earlier)."""
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, index + 1)

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    def begins(self, zone: str) -> datetime:
        """Its first moment in a zone: the first midnight that its clocks show.

        Where the clocks go forward over midnight the day begins at the first wall time that exists.
        """
        for hour in range(4):
            try:
                return resolve(f"{self}-01T{hour:02}:00", zone)
            except RuleViolation as violation:
                if violation.code != "nonexistent-local-time":
                    raise
        raise AssertionError("no change of clocks is that long")

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """Its first moment and the first one after it."""
        return self.begins(zone), self.plus(1).begins(zone)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
