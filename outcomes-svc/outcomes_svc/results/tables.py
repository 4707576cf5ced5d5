"""Results as tables, for spreadsheets. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from outcomes_svc.results.csv_table import Value, csv_text
from outcomes_svc.results.figure import DECIMALS, Figure
from outcomes_svc.results.funnel import Funnel, Measure
from outcomes_svc.results.summary import GroupFigures, Summary

_SUMMARY = (
    "by", "group", "part", "key", "figure", "value", "low_95", "high_95", "unit", "episodes", "of", "completeness",
    "note",
)  # fmt: skip
_FUNNEL = (
    "number", "group", "measure", "value", "episodes", "followed_up", "of", "position", "low_99_8", "low_95", "target",
    "high_95", "high_99_8",
)  # fmt: skip


def summary_csv(found: Summary) -> str:
    """One line per figure, its completeness beside it."""
    own = (found.group.by.value, found.group.group)
    rows = (row for part, group in _parts(found) for row in _figures(part, group))
    return csv_text(_SUMMARY, ((*own, *row) for row in (*_counts(found), *rows)))


def funnel_csv(found: Funnel | None, measure: Measure) -> str:
    """One line per group that is shown, with the limits for its size."""
    return csv_text(_FUNNEL, _points(found, measure) if found else ())


def _parts(found: Summary) -> Iterator[tuple[str, GroupFigures]]:
    yield "whole", found.whole
    yield from (("condition", group) for group in found.by_condition)
    yield from (("instrument", group) for group in found.by_instrument)


def _counts(found: Summary) -> Iterator[tuple[Value, ...]]:
    known = found.completeness
    counts = {
        "episodes": known.episodes,
        "still_open": known.still_open,
        "closed": known.closed,
        "with_baseline": known.with_baseline,
        "counted": known.counted,
        "followed_up": known.followed_up,
        "awaited": known.awaited,
        **{f"excluded_{reason}": count for reason, count in known.excluded.items()},
    }
    for name, count in counts.items():
        yield ("completeness", None, name, count, None, None, "episodes", None, None, None, None)
    for name, value, of in (
        ("share_with_baseline", known.share_with_baseline, known.closed),
        ("share_followed_up", known.share_followed_up, known.counted),
    ):
        yield ("completeness", None, name, value, None, None, "share", None, of, None, None)


def _figures(part: str, group: GroupFigures) -> Iterator[tuple[Value, ...]]:
    if group.suppressed:
        yield (part, group.key, None, None, None, None, None, None, None, None, "not shown: small numbers")
        return
    for name in ("improved", "residual", "mean_change", "response"):
        figure: Figure | None = getattr(group, name)
        if figure is not None:
            yield (
                part, group.key, name, figure.value, figure.low, figure.high, figure.unit, figure.episodes, figure.of,
                figure.completeness, figure.missing,
            )  # fmt: skip


def _points(found: Funnel, measure: Measure) -> Iterator[tuple[Value, ...]]:
    for point in found.points:
        limits = point.limits
        bounds = (limits.lowest, limits.low, found.target, limits.high, limits.highest)
        yield (
            point.number, point.group, measure.value, point.value, point.episodes, point.followed_up, point.of,
            point.position.value, *(round(bound, DECIMALS) for bound in bounds),
        )  # fmt: skip
