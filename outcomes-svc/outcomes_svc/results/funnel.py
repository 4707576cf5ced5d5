"""A funnel: how groups of a practice did, beside what chance alone would do to groups of their size. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from outcomes_svc.performance.performance import EpisodeResidual
from outcomes_svc.results.breakdown import By, Cell, Shown, group_of
from outcomes_svc.results.case_mix_check import CaseMixCheck, case_mix_check
from outcomes_svc.results.control_limits import (
    ACTION,
    WARNING,
    Limits,
    Overdispersion,
    binomial_limits,
    binomial_tails,
    normal_limits,
    overdispersion,
)
from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.results.figure import DECIMALS
from outcomes_svc.results.summary import closed
from outcomes_svc.results.suppression import SMALLEST

GRID = 60
"""Points of the curves at most; more would not be seen."""


FEWEST_OTHERS = 3


class Measure(StrEnum):
    """What the groups are compared by."""

    IMPROVED = "improved"
    RESIDUAL = "residual"


class Position(StrEnum):
    """Where a group lies: inside the 95% limits, outside them, or outside the 99.8% limits."""

    WITHIN = "within"
    ABOVE = "above_95"
    FAR_ABOVE = "above_99_8"
    BELOW = "below_95"
    FAR_BELOW = "below_99_8"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A group. `number` names it on the chart; `group` is None where the reader may not know who it is.

    `episodes` is what the value rests on (for residuals the effective number), `of` the closed episodes of the group.
    """

    number: int
    group: str | None
    own: bool
    episodes: float
    of: int
    followed_up: int
    value: float
    position: Position
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """`target` is the practice's figure, `spread` the standard deviation of residuals within groups (None for shares).

    `hidden` groups are too small to be shown, or cover for one that is.
    """

    by: By
    measure: Measure
    target: float
    spread: float | None
    points: tuple[Point, ...]
    hidden: int
    curve: tuple[Limits, ...]
    overdispersion: Overdispersion
    case_mix: CaseMixCheck | None


@dataclass(frozen=True)
class _Group:
    name: str
    values: np.ndarray
    weights: np.ndarray
    of: int

    @property
    def mean(self) -> float:
        return float(np.average(self.values, weights=self.weights))

    @property
    def effective(self) -> float:
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())


def funnel(
    results: Sequence[EpisodeResult],
    residuals: Mapping[str, EpisodeResidual],
    shown: Shown,
    *,
    by: By,
    measure: Measure,
    whole: Cell,
) -> Funnel | None:
    """The funnel of a practice's groups, or None where there is nothing to compare.

    `results` are the practice's, filtered as `whole` says; `residuals` by episode id.
    """
    groups = _groups(results, residuals, by, measure)
    if not groups or whole not in shown:
        return None
    visible = [
        group for group in groups if len(group.values) >= SMALLEST and whole._replace(by=by, group=group.name) in shown
    ]
    values = np.concatenate([group.values for group in groups])
    weights = np.concatenate([group.weights for group in groups])
    target = float(np.average(values, weights=weights))
    spread = _spread(groups) if measure is Measure.RESIDUAL else None
    if (spread == 0) or (spread is None and target in (0.0, 1.0)):
        return None
    dispersion = overdispersion([_z(group, target, spread) for group in visible])
    points = [_point(group, target, spread, dispersion.stretch) for group in visible]
    ordered = sorted(points, key=lambda point: (-point.episodes, -point.value, point.group or ""))
    return Funnel(
        by=by,
        measure=measure,
        target=round(target, DECIMALS),
        spread=None if spread is None else round(spread, DECIMALS),
        points=tuple(replace(point, number=number) for number, point in enumerate(ordered, 1)),
        hidden=len(groups) - len(visible),
        curve=_curve(visible, target, spread, dispersion.stretch),
        overdispersion=dispersion,
        case_mix=_checked(results, residuals) if measure is Measure.RESIDUAL else None,
    )


def anonymous(found: Funnel, own: str) -> Funnel | None:
    """The funnel as one of its groups may see it: the others without names; None where they are too few.

    With fewer than three others everybody would know who is who, and the target minus the own figure would tell more.
    """
    if sum(point.group != own for point in found.points) < FEWEST_OTHERS:
        return None
    points = [
        replace(point, own=point.group == own, group=point.group if point.group == own else None)
        for point in found.points
    ]
    return replace(found, points=tuple(points))


def _checked(results: Sequence[EpisodeResult], residuals: Mapping[str, EpisodeResidual]) -> CaseMixCheck:
    return case_mix_check(residuals[result.episode_id] for result in results if result.episode_id in residuals)


def _groups(
    results: Sequence[EpisodeResult], residuals: Mapping[str, EpisodeResidual], by: By, measure: Measure
) -> list[_Group]:
    members: dict[str, list[EpisodeResult]] = {}
    for result in results:
        members.setdefault(group_of(result, by), []).append(result)
    groups = []
    for name, own in sorted(members.items()):
        pairs = [pair for result in own if (pair := _value(result, residuals, measure)) is not None]
        if pairs:
            values, weights = np.array(pairs, float).T
            groups.append(_Group(name, values, weights, len(closed(own))))
    return groups


def _value(
    result: EpisodeResult, residuals: Mapping[str, EpisodeResidual], measure: Measure
) -> tuple[float, float] | None:
    """A value and its weight, or None where the episode says nothing."""
    if not result.counts or result.change is None:
        return None
    if measure is Measure.IMPROVED:
        return None if result.improved is None else (float(result.improved), 1.0)
    found = residuals.get(result.episode_id)
    if found is None or found.residual is None or found.weight is None:
        return None
    return found.residual, found.weight


def _spread(groups: Sequence[_Group]) -> float:
    """The standard deviation of residuals within groups: what differs between groups is not chance."""
    squares = sum(float(((group.values - group.values.mean()) ** 2).sum()) for group in groups)
    freedom = sum(len(group.values) - 1 for group in groups)
    return math.sqrt(squares / freedom) if freedom else 0.0


def _z(group: _Group, target: float, spread: float | None) -> float:
    error = math.sqrt(target * (1 - target)) if spread is None else spread
    return (group.mean - target) / (error / math.sqrt(group.effective))


def _limits(episodes: float, target: float, spread: float | None, stretch: float) -> Limits:
    if spread is None:
        return binomial_limits(round(episodes), target, stretch)
    return normal_limits(episodes, target, spread, stretch)


def _point(group: _Group, target: float, spread: float | None, stretch: float) -> Point:
    limits = _limits(group.effective, target, spread, stretch)
    return Point(
        number=0,
        group=group.name,
        own=False,
        episodes=round(group.effective, 1),
        of=group.of,
        followed_up=len(group.values),
        value=round(group.mean, DECIMALS),
        position=_exact_position(group, target, stretch) if spread is None else _position(group.mean, limits),
        limits=limits,
    )


def _position(value: float, limits: Limits) -> Position:
    if value > limits.high:
        return Position.FAR_ABOVE if value > limits.highest else Position.ABOVE
    if value < limits.low:
        return Position.FAR_BELOW if value < limits.lowest else Position.BELOW
    return Position.WITHIN


def _exact_position(group: _Group, target: float, stretch: float) -> Position:
    """The place of a proportion, by the exact binomial tails."""
    below, above = binomial_tails(float(group.values.sum()), len(group.values), target, stretch)
    outer, inner = (1 - ACTION) / 2, (1 - WARNING) / 2
    if min(below, above) >= inner:
        return Position.WITHIN
    if above < below:
        return Position.FAR_ABOVE if above < outer else Position.ABOVE
    return Position.FAR_BELOW if below < outer else Position.BELOW


def _curve(groups: Sequence[_Group], target: float, spread: float | None, stretch: float) -> tuple[Limits, ...]:
    if not groups:
        return ()
    sizes = [group.effective for group in groups]
    first, last = max(1, math.floor(min(sizes) * 0.6)), math.ceil(max(sizes) * 1.08)
    grid = sorted({round(size) for size in np.linspace(first, last, GRID)})
    return tuple(_limits(size, target, spread, stretch) for size in grid)
