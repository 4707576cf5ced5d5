"""Shifts: when a therapist works, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fascia.localtime import local_date, resolve, wall
from fascia.problem import Conflict, RuleViolation
from scheduling_svc.workforce.place import MOBILE, Location
from scheduling_svc.workforce.therapist import Therapist

_KEPT_DAYS = 60


@dataclass(frozen=True)
class ShiftBreak:
    """A pause that begins between two moments, wherever the therapist is then."""

    earliest: datetime
    latest: datetime
    minutes: int


@dataclass(frozen=True)
class Shift:
    """Working time on one local day. `location_id` None: a mobile shift, from home and back to it.

    depot_id: the location at which a mobile shift begins and ends instead.
    ended_early: the therapist had to go, so its end is no matter of overtime.
    """

    id: str
    setting: str
    location_id: str | None
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    breaks: tuple[ShiftBreak, ...] = ()
    ended_early: bool = False
    depot_id: str | None = None

    @property
    def date(self) -> date:
        """The local day that it belongs to."""
        return local_date(self.starts_at, self.time_zone)

    @property
    def local_start(self) -> str:
        """Wall time of its beginning."""
        return wall(self.starts_at, self.time_zone)

    @property
    def local_end(self) -> str:
        """Wall time of its end."""
        return wall(self.ends_at, self.time_zone)

    def still_holds(self, starts_at: datetime) -> bool:
        """Whether a visit of this shift that begins then is made in it: one that ended early has visits left over."""
        return not self.ended_early or starts_at < self.ends_at

    def serves(self, setting: str, location_id: str | None) -> bool:
        """Whether visits of this setting and place belong into it."""
        return self.setting == setting and self.location_id == location_id


def plan_shift(
    id_: str,
    therapist: Therapist,
    location: Location | None,
    local_start: str,
    local_end: str,
    time_zone: str | None,
    breaks: Sequence[tuple[str, str, int]] = (),
    depot: Location | None = None,
) -> Shift:
    """A shift from wall times, in the zone of its place. Raises RuleViolation.

    breaks: each with the wall times of its earliest and its latest beginning, and its minutes. depot: where a mobile
    shift begins and ends, if not at home.

    It stays inside one local day (it may end at the midnight after), so a day's document holds all that touches it.
    """
    zone = location.time_zone if location else therapist.time_zone
    if time_zone not in (None, zone):
        where = location.name if location else "the therapist's home"
        raise RuleViolation(
            "time-zone-differs", f"The clocks at {where} show {zone}.", "time_zone", f"Send {zone} or leave it out."
        )
    setting = location.setting if location else MOBILE
    if setting not in therapist.settings:
        raise RuleViolation(
            "setting-not-offered",
            f"The therapist does not work in the setting {setting}.",
            "location_id",
            "Choose another location, or add the setting to the therapist.",
        )
    if location is not None and depot is not None:
        raise RuleViolation(
            "depot-needs-mobile", "Only a mobile shift has a depot.", "depot_id", "Send depot_id or location_id."
        )
    starts_at = resolve(local_start, zone, "local_start")
    ends_at = resolve(local_end, zone, "local_end")
    if ends_at <= starts_at:
        raise RuleViolation("shift-ends-early", "The shift ends before it begins.", "local_end", "Send a later time.")
    pauses = tuple(_plan_break(number, one, starts_at, ends_at, zone) for number, one in enumerate(breaks))
    shift = Shift(
        id_,
        setting,
        location.id if location else None,
        starts_at,
        ends_at,
        zone,
        pauses,
        depot_id=depot.id if depot else None,
    )
    if local_date(ends_at - timedelta(minutes=1), zone) != shift.date:
        raise RuleViolation(
            "shift-over-midnight", "A shift stays inside one day.", "local_end", "End at 00:00 and add a second shift."
        )
    return shift


def _plan_break(
    number: int, local: tuple[str, str, int], starts_at: datetime, ends_at: datetime, zone: str
) -> ShiftBreak:
    field = f"breaks.{number}"
    earliest = resolve(local[0], zone, f"{field}.local_earliest")
    latest = resolve(local[1], zone, f"{field}.local_latest")
    if latest < earliest:
        raise RuleViolation(
            "break-latest-before-earliest",
            "The break would begin at the latest before it may begin.",
            f"{field}.local_latest",
            "Send a later time.",
        )
    if earliest < starts_at or latest + timedelta(minutes=local[2]) > ends_at:
        raise RuleViolation(
            "break-outside-shift",
            "The break does not lie inside the shift.",
            f"{field}.local_earliest",
            "Let it begin after the shift does, and end before the shift does.",
        )
    return ShiftBreak(earliest, latest, local[2])


@dataclass(frozen=True)
class Roster:
    """All shifts of a therapist, also across days and zones; `version` is the stored one, 0: none yet."""

    therapist_id: str
    version: int = 0
    shifts: tuple[Shift, ...] = ()

    def with_shift(self, shift: Shift) -> Roster:
        """One more shift; raises Conflict where it overlaps one. Shifts long over are dropped."""
        for other in self.shifts:
            is_empty = other.starts_at == other.ends_at
            if not is_empty and other.starts_at < shift.ends_at and shift.starts_at < other.ends_at:
                raise Conflict(
                    "shift-overlaps",
                    f"The therapist works from {other.local_start} to {other.local_end} already.",
                    "local_start",
                    "Choose a time outside that shift.",
                )
        oldest = shift.starts_at - timedelta(days=_KEPT_DAYS)
        kept = tuple(other for other in self.shifts if other.ends_at > oldest)
        return Roster(self.therapist_id, self.version, (*kept, shift))

    def with_parts(self, of: Shift, parts: Sequence[Shift]) -> Roster:
        """What is left of a shift in its place."""
        kept = (part for known in self.shifts for part in (parts if known.id == of.id else (known,)))
        return Roster(self.therapist_id, self.version, tuple(kept))
