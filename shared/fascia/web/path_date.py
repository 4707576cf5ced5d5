"""A calendar day in a path."""

from __future__ import annotations

from datetime import date

from fascia.problem import RuleViolation


def path_date(text: str) -> date:
    """The day; raises RuleViolation for anything but YYYY-MM-DD, also for other forms of ISO 8601."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise RuleViolation("not-a-date", f"{text!r} is not a calendar day.", "date", "Send YYYY-MM-DD.")
    return found
