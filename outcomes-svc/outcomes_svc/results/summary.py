"""What a group of episodes came to: a practice, a location or a therapist. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from outcomes_svc.episodes.window import END_UNTIL
from outcomes_svc.performance.performance import EpisodeResidual
from outcomes_svc.results.breakdown import ALL, Cell, Shown
from outcomes_svc.results.episode_result import EpisodeResult, Exclusion
from outcomes_svc.results.figure import DECIMALS, TOO_FEW, Figure, mean, share, standardised_response_mean
from outcomes_svc.results.suppression import SMALLEST

RESIDUAL_UNIT = "residual standard deviations"
NO_MODEL = "no_model"
SEVERAL_VERSIONS = "several_versions"


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """How much is known of a group's episodes.

    `with_baseline` are closed ones with the patient's own baseline in its window; `counted` those of them that no other
    exclusion takes out; `followed_up` the counted ones whose end is known, `awaited` those whose end may still come.
    `excluded` counts reasons, of which an episode may have several.
    """

    episodes: int
    still_open: int
    closed: int
    with_baseline: int
    counted: int
    followed_up: int
    awaited: int
    excluded: Mapping[str, int]

    @property
    def share_with_baseline(self) -> float | None:
        """Of the closed episodes."""
        return round(self.with_baseline / self.closed, DECIMALS) if self.closed else None

    @property
    def share_followed_up(self) -> float | None:
        """Of the counted episodes."""
        return round(self.followed_up / self.counted, DECIMALS) if self.counted else None


@dataclass(frozen=True, kw_only=True)
class GroupFigures:
    """The figures of one group; all None where it is `suppressed`.

    `mean_change` and `response` (SRM) are on an instrument's own scale and so only there for groups of one instrument.
    """

    key: str
    suppressed: bool
    improved: Figure | None = None
    residual: Figure | None = None
    mean_change: Figure | None = None
    response: Figure | None = None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A group as a whole, and by condition and instrument."""

    group: Cell
    completeness: Completeness
    whole: GroupFigures
    by_condition: tuple[GroupFigures, ...]
    by_instrument: tuple[GroupFigures, ...]


def closed(results: Sequence[EpisodeResult]) -> list[EpisodeResult]:
    """Those that have ended: of how many a figure could know."""
    return [result for result in results if Exclusion.STILL_OPEN not in result.excluded]


def completeness(results: Sequence[EpisodeResult], now: datetime) -> Completeness:
    """How much is known of these episodes at `now`."""
    ended = closed(results)
    counted = [result for result in results if result.counts]
    reasons = Counter(reason.value for result in ended for reason in result.excluded)
    return Completeness(
        episodes=len(results),
        still_open=len(results) - len(ended),
        closed=len(ended),
        with_baseline=sum(result.baseline is not None for result in ended),
        counted=len(counted),
        followed_up=sum(result.change is not None for result in counted),
        awaited=sum(result.change is None and now < result.opened_at + END_UNTIL for result in counted),
        excluded=dict(sorted(reasons.items())),
    )


def summary(
    group: Cell,
    results: Sequence[EpisodeResult],
    residuals: Mapping[str, EpisodeResidual],
    shown: Shown,
    now: datetime,
) -> Summary:
    """The figures of one group. `results` are the group's episodes; `residuals` by episode, empty without a model."""

    def part(cell: Cell, key: str, own: Sequence[EpisodeResult]) -> GroupFigures:
        return _figures(key, own, residuals, suppressed=cell not in shown, single=cell.instrument != ALL)

    return Summary(
        group=group,
        completeness=completeness(results, now),
        whole=part(group, group.group, results),
        by_condition=tuple(
            part(group._replace(condition=key), key, own)
            for key, own in _by(results, lambda result: result.condition).items()
        ),
        by_instrument=tuple(
            part(group._replace(instrument=key), key, own)
            for key, own in _by(results, lambda result: result.instrument).items()
        ),
    )


def _by(results: Sequence[EpisodeResult], key: Callable[[EpisodeResult], str]) -> dict[str, list[EpisodeResult]]:
    return {name: [result for result in results if key(result) == name] for name in sorted({*map(key, results)})}


def _figures(
    key: str,
    results: Sequence[EpisodeResult],
    residuals: Mapping[str, EpisodeResidual],
    *,
    suppressed: bool,
    single: bool,
) -> GroupFigures:
    known = [result for result in results if result.counts and result.change is not None]
    if suppressed or not known:
        return GroupFigures(key=key, suppressed=suppressed)
    of = len(closed(results))
    figures = GroupFigures(
        key=key,
        suppressed=False,
        improved=improved_share(known, of),
        residual=residual_figure(known, residuals, of),
    )
    if not single:
        return figures
    if len({result.instrument_version for result in known}) > 1:
        apart = Figure(unit="points", episodes=len(known), of=of, missing=SEVERAL_VERSIONS)
        return replace(figures, mean_change=apart, response=apart)
    changes = [result.change for result in known if result.change is not None]
    return replace(figures, mean_change=mean(changes, of, "points"), response=standardised_response_mean(changes, of))


def improved_share(results: Sequence[EpisodeResult], of: int) -> Figure:
    """The share that improved, of those whose instrument has a minimal important change to judge by."""
    judged = [result.improved for result in results if result.improved is not None]
    if 0 < len(judged) < SMALLEST:
        return Figure(unit="share", episodes=len(judged), of=of, missing=TOO_FEW)
    return share(judged, of)


def residual_figure(results: Sequence[EpisodeResult], residuals: Mapping[str, EpisodeResidual], of: int) -> Figure:
    """The mean of what was reached beyond the prediction, weighted for who was lost to follow-up as pay weights it."""
    judged = [
        (found.residual, found.weight)
        for result in results
        if (found := residuals.get(result.episode_id)) is not None
        and found.residual is not None
        and found.weight is not None
    ]
    if not judged:
        return Figure(unit=RESIDUAL_UNIT, episodes=0, of=of, missing=NO_MODEL)
    if len(judged) < SMALLEST:
        return Figure(unit=RESIDUAL_UNIT, episodes=len(judged), of=of, missing=TOO_FEW)
    return mean([value for value, _ in judged], of, RESIDUAL_UNIT, [weight for _, weight in judged])
