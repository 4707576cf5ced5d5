"""What a patient from the waitlist is promised: a window of the practice's length inside the hours that suit them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from scheduling_svc.routing.promise import Promise
from scheduling_svc.waitlist.entry import Entry


def promise_around(entry: Entry, starts_at: datetime, on: date, time_zone: str, promise_minutes: int) -> Promise | None:
    """The window around a planned start; None: exactly then.

    It is as long as the practice promises, counted from where the patient's hours begin, and never leaves them.
    """
    if promise_minutes == 0:
        return None
    suits = [(begin, end) for begin, end in entry.windows(on, time_zone) if begin <= starts_at <= end]
    if not suits:
        return None
    begin, end = suits[0]
    earliest = begin + (starts_at - begin) // timedelta(minutes=promise_minutes) * timedelta(minutes=promise_minutes)
    return Promise(earliest, min(earliest + timedelta(minutes=promise_minutes), end))
