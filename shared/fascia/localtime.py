"""Wall time and the moments it names. Stored time is UTC + IANA zone; people say wall time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fascia.problem import RuleViolation

WALL_FORMAT = "%Y-%m-%dT%H:%M"


def zone_of(name: str, field: str = "time_zone") -> ZoneInfo:
    """The IANA zone of a name; raises RuleViolation for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RuleViolation(
            "unknown-time-zone", f"{name!r} is not an IANA time zone.", field, "Use a name such as America/New_York."
        ) from None


def resolve(local: str | datetime, zone: str, field: str = "local_time") -> datetime:
    """The UTC moment of a wall time in a zone.

    A wall time that the spring change of clocks skips is refused, not shifted. One that the autumn change repeats means
    the first of the two, as calendars do (RFC 5545, section 3.3.5).
    """
    wall_time = _parse(local, field)
    tz = zone_of(zone)
    try:
        moment = wall_time.replace(tzinfo=tz, fold=0).astimezone(UTC)
    except OverflowError:  # the first and last hours of the calendar have no UTC
        raise _not_a_wall_time(str(local), field) from None
    if moment.astimezone(tz).replace(tzinfo=None) != wall_time:
        raise RuleViolation(
            "nonexistent-local-time",
            f"{wall_time:%Y-%m-%dT%H:%M} does not exist in {zone}: the clocks go forward over it.",
            field,
            "Choose a time before or after the change of clocks.",
        )
    return moment


def _parse(local: str | datetime, field: str) -> datetime:
    if isinstance(local, datetime):
        wall_time = local
    else:
        try:
            wall_time = datetime.fromisoformat(local)
        except ValueError:
            raise _not_a_wall_time(str(local), field) from None
        if "T" not in local:
            raise _not_a_wall_time(local, field)
    if wall_time.tzinfo is not None:
        raise _not_a_wall_time(str(local), field)
    return wall_time


def _not_a_wall_time(text: str, field: str) -> RuleViolation:
    return RuleViolation(
        "not-a-local-time", f"{text!r} is not a wall time.", field, "Send YYYY-MM-DDTHH:MM without an offset."
    )


def wall(at: datetime, zone: str) -> str:
    """A moment as wall time in a zone, YYYY-MM-DDTHH:MM."""
    return at.astimezone(zone_of(zone)).strftime(WALL_FORMAT)


def local_date(at: datetime, zone: str) -> date:
    """The calendar day of a moment in a zone."""
    return at.astimezone(zone_of(zone)).date()
