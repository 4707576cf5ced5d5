"""Fitting drive times to drives that were made.

A drive takes `overhead + factor of the hour x base`, where the base is what the model says of the road itself. Both are
fitted by least absolute errors, so that a phone that was told late here and there moves nothing. Hours with few drives
lean on the hour of the day, and that on all hours. What is shown as the error afterwards was measured on drives that
the fit had not seen.

Medians tell what most drives take; a day is late by the sum of its drives. So the level of all hours is set at last in
such a way that the drives within a factor of two of what is said of them take together as long as is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

HOURS_OF_DAY, HOURS_OF_WEEK = 24, 168
LEANING = 12
"""So many drives of an hour weigh as much as what is known of the hours around it."""
FEWEST_DRIVES = 30
_OVERHEADS = tuple(half / 2 for half in range(17))
_FOLDS = 5
_LEAST, _MOST = 0.25, 4.0
_NEAR, _LEVELLINGS = 2.0, 3
_WORTH = 0.01
"""168 values instead of 24 must be better by this share."""


@dataclass(frozen=True)
class Measured:
    """A drive beside a model: its hour of the week, minutes it took, minutes that the model gives the road."""

    hour: int
    minutes: float
    base: float


@dataclass(frozen=True)
class Fit:
    """`factors` by hour of the day, or of the week."""

    overhead: float
    factors: tuple[float, ...]

    def minutes(self, drive: Measured) -> float:
        """What it says of a drive."""
        hour = drive.hour if len(self.factors) == HOURS_OF_WEEK else drive.hour % HOURS_OF_DAY
        return self.overhead + self.factors[hour] * drive.base


@dataclass(frozen=True)
class Error:
    """In minutes: the mean of the errors without their signs, the 90th percentile of these, and the mean with signs,
    which is above zero where drives take less than was said."""

    mean: float
    p90: float
    bias: float


def error_of(drives: Iterable[tuple[float, float]]) -> Error:
    """Of pairs (said, took); at least one."""
    errors = [said - took for said, took in drives]
    sizes = sorted(abs(error) for error in errors)
    return Error(sum(sizes) / len(sizes), sizes[int(0.9 * (len(sizes) - 1))], sum(errors) / len(errors))


def fitted(drives: Sequence[Measured]) -> tuple[Fit, Error]:
    """The fit to drives, at least FEWEST_DRIVES, and its error on drives that it had not seen."""
    day, day_error = _with_error(drives, HOURS_OF_DAY)
    week, week_error = _with_error(drives, HOURS_OF_WEEK)
    if week_error.mean < day_error.mean * (1 - _WORTH):
        return week, week_error
    return day, day_error


def _with_error(drives: Sequence[Measured], hours: int) -> tuple[Fit, Error]:
    pairs: list[tuple[float, float]] = []
    for fold in range(_FOLDS):
        seen = [drive for index, drive in enumerate(drives) if index % _FOLDS != fold]
        fit = _fit(seen, hours)
        pairs += [(fit.minutes(drive), drive.minutes) for drive in drives[fold::_FOLDS]]
    return _fit(drives, hours), error_of(pairs)


def _fit(drives: Sequence[Measured], hours: int) -> Fit:
    def loss(overhead: float) -> float:
        fit = Fit(overhead, _factors(drives, overhead, HOURS_OF_DAY))
        return sum(abs(fit.minutes(drive) - drive.minutes) for drive in drives)

    overhead = min(_OVERHEADS, key=loss)
    return _levelled(Fit(overhead, _factors(drives, overhead, hours)), drives)


def _levelled(fit: Fit, drives: Sequence[Measured]) -> Fit:
    for _ in range(_LEVELLINGS):
        near = [drive for drive in drives if 1 / _NEAR < drive.minutes / fit.minutes(drive) < _NEAR]
        said = sum(fit.minutes(drive) - fit.overhead for drive in near)
        took = sum(drive.minutes - fit.overhead for drive in near)
        if said <= 0 or took <= 0:
            break
        factors = (min(max(factor * took / said, _LEAST), _MOST) for factor in fit.factors)
        fit = Fit(fit.overhead, tuple(factors))
    return fit


def _factors(drives: Sequence[Measured], overhead: float, hours: int) -> tuple[float, ...]:
    everything = _median(drives, overhead)
    of_day = _leaning(drives, overhead, HOURS_OF_DAY, lambda _: everything)
    if hours == HOURS_OF_DAY:
        return of_day
    return _leaning(drives, overhead, HOURS_OF_WEEK, lambda hour: of_day[hour % HOURS_OF_DAY])


def _leaning(
    drives: Sequence[Measured], overhead: float, hours: int, around: Callable[[int], float]
) -> tuple[float, ...]:
    by_hour: list[list[Measured]] = [[] for _ in range(hours)]
    for drive in drives:
        by_hour[drive.hour % hours].append(drive)
    return tuple(_drawn(own, overhead, around(hour)) for hour, own in enumerate(by_hour))


def _drawn(own: Sequence[Measured], overhead: float, around: float) -> float:
    if not own:
        return around
    share = len(own) / (len(own) + LEANING)
    return exp(share * log(_median(own, overhead)) + (1 - share) * log(around))


def _median(drives: Sequence[Measured], overhead: float) -> float:
    """The factor with the least absolute error: the median of what each drive asks for, weighed by its length."""
    asked = sorted(((drive.minutes - overhead) / drive.base, drive.base) for drive in drives)
    half, reached = sum(weight for _, weight in asked) / 2, 0.0
    for factor, weight in asked:
        reached += weight
        if reached >= half:
            return min(max(factor, _LEAST), _MOST)
    return 1.0
