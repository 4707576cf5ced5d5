"""A calibration as it is shown before anybody decides to apply it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from fascia.problem import Conflict
from scheduling_svc.travel.calibration import FEWEST_DRIVES, Error, Fit, Measured, error_of, fitted
from scheduling_svc.travel.drive import Drive, Drives
from scheduling_svc.workforce.practice import Practice

_SLOWEST, _FASTEST = 5.0, 130.0  # as PUT /v1/practice allows
_HOURS_OF_WEEK = 168


@dataclass(frozen=True)
class Settings:
    """What a calibration changes of a practice."""

    kmh_by_hour: tuple[float, ...]
    drive_overhead_minutes: float
    road_factor_by_hour: tuple[float, ...]
    road_overhead_minutes: float

    @classmethod
    def of(cls, practice: Practice) -> Settings:
        """As they are now."""
        return cls(
            practice.kmh_by_hour,
            practice.drive_overhead_minutes,
            practice.road_factor_by_hour,
            practice.road_overhead_minutes,
        )


@dataclass(frozen=True)
class Evidence:
    """By how many drives one source of drive times was fitted, and how far off it is before and after."""

    drives: int
    before: Error
    after: Error


@dataclass(frozen=True)
class Proposal:
    """`based_on` are the settings that it was made against: applied to others it would undo somebody's change."""

    id: str
    first: date
    last: date
    made_at: datetime
    based_on: Settings
    proposed: Settings
    estimate: Evidence
    roads: Evidence | None
    doubts: Mapping[str, int]
    applied_at: datetime | None = None
    version: int = 0

    def applied(self, practice: Practice, now: datetime) -> tuple[Proposal, Practice]:
        """The practice with the proposed settings. Raises Conflict when it was applied, or made against others."""
        if self.applied_at is not None:
            raise Conflict("already-applied", "This calibration was applied before.", fix="Make a new one.")
        if Settings.of(practice) != self.based_on:
            raise Conflict(
                "calibration-outdated",
                "The practice's driving speeds have changed since this calibration was made.",
                fix="Make a new one with POST /v1/travel/calibrations.",
            )
        changed = replace(practice, **vars(self.proposed), version=practice.version + 1)
        return replace(self, applied_at=now), changed


def propose(
    id_: str,
    practice: Practice,
    drives: Drives,
    road_seconds: Sequence[int | None],
    span: tuple[date, date],
    now: datetime,
) -> Proposal:
    """Fit both sources to the drives; `road_seconds` are each drive's on free roads. Raises Conflict for too few."""
    if len(drives.usable) < FEWEST_DRIVES:
        raise Conflict(
            "too-few-drives",
            f"{len(drives.usable)} drives of these days can be used; a calibration needs {FEWEST_DRIVES}.",
            "from",
            "Choose more days, and have therapists tell when they set out and when they arrive.",
        )
    current = Settings.of(practice)
    proposed, estimate = _fit_estimate(practice, current, drives)
    proposed, roads = _fit_roads(proposed, drives, road_seconds)
    doubts = {doubt.name.lower().replace("_", "-"): count for doubt, count in sorted(drives.doubts.items())}
    return Proposal(id_, *span, now, current, proposed, estimate, roads, doubts)


def _fit_estimate(practice: Practice, known: Settings, drives: Drives) -> tuple[Settings, Evidence]:
    measured = [_estimated(practice, drive) for drive in drives.usable]
    fit, after = fitted(measured)
    before = error_of((known.drive_overhead_minutes + drive.base, drive.minutes) for drive in measured)
    speeds = _speeds(known.kmh_by_hour, fit)
    proposed = replace(known, kmh_by_hour=speeds, drive_overhead_minutes=fit.overhead)
    return proposed, Evidence(len(measured), before, after)


def _fit_roads(known: Settings, drives: Drives, road_seconds: Sequence[int | None]) -> tuple[Settings, Evidence | None]:
    """None, and nothing changed, where the roads of too few drives are known."""
    measured = [
        Measured(drive.hour, drive.minutes, seconds / 60)
        for drive, seconds in zip(drives.usable, road_seconds, strict=True)
        if seconds
    ]
    if len(measured) < FEWEST_DRIVES:
        return known, None
    fit, after = fitted(measured)
    now = Fit(known.road_overhead_minutes, known.road_factor_by_hour)
    before = error_of((now.minutes(drive), drive.minutes) for drive in measured)
    factors = tuple(round(factor, 3) for factor in fit.factors)
    proposed = replace(known, road_factor_by_hour=factors, road_overhead_minutes=fit.overhead)
    return proposed, Evidence(len(measured), before, after)


def _estimated(practice: Practice, drive: Drive) -> Measured:
    kmh = _of_hour(practice.kmh_by_hour, drive.hour)
    return Measured(drive.hour, drive.minutes, drive.km * practice.circuity / kmh * 60)


def _speeds(known: tuple[float, ...], fit: Fit) -> tuple[float, ...]:
    hours = max(len(known), len(fit.factors))
    speeds = (_of_hour(known, hour) / _of_hour(fit.factors, hour) for hour in range(hours))
    return tuple(round(min(max(kmh, _SLOWEST), _FASTEST), 2) for kmh in speeds)


def _of_hour(values: Sequence[float], hour: int) -> float:
    return values[hour if len(values) == _HOURS_OF_WEEK else hour % 24]
