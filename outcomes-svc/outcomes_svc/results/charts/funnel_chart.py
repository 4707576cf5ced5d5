"""A funnel as a chart."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outcomes_svc.results.charts.canvas import (
    BAND,
    BLUE,
    INK,
    OUTER_BAND,
    QUIET,
    SMALL,
    TEXT,
    VERMILION,
    paper,
    plain_axes,
    signed,
)
from outcomes_svc.results.funnel import Funnel, Measure, Point, Position

HEIGHT = 4.5
MOST_NAMED = 16
"""With more groups only those outside the limits, and the reader's own, carry their number."""

_MARKS = {
    Position.WITHIN: ("o", INK, 26),
    Position.ABOVE: ("^", BLUE, 52),
    Position.FAR_ABOVE: ("^", BLUE, 52),
    Position.BELOW: ("v", VERMILION, 52),
    Position.FAR_BELOW: ("v", VERMILION, 52),
}


def funnel_chart(found: Funnel, title: str, subtitle: str) -> Figure:
    """The limits as bands, the target as a line, each group as a point whose shape tells its side."""
    figure = paper(HEIGHT, title, subtitle, top=1.0)
    axes = figure.add_axes((0.15, 0.12, 0.735, 0.88 - 1.0 / HEIGHT))
    plain_axes(axes)
    _bands(axes, found)
    for point in found.points:
        _mark(axes, point, named=_named(point, found))
    _scale(axes, found)
    return figure


def _bands(axes: Axes, found: Funnel) -> None:
    sizes = [limits.episodes for limits in found.curve]
    outer = [limits.lowest for limits in found.curve], [limits.highest for limits in found.curve]
    inner = [limits.low for limits in found.curve], [limits.high for limits in found.curve]
    axes.fill_between(sizes, *outer, color=OUTER_BAND, linewidth=0)
    axes.fill_between(sizes, *inner, color=BAND, linewidth=0)
    for side in outer:
        axes.plot(sizes, side, color=QUIET, linewidth=1.0, linestyle=(0, (4, 2)))
    for side in inner:
        axes.plot(sizes, side, color=QUIET, linewidth=1.0)
    axes.axhline(found.target, color=INK, linewidth=1.2)
    last = found.curve[-1]
    for height, text in ((last.highest, "99.8%"), (last.high, "95%"), (found.target, "practice")):
        axes.annotate(
            text,
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            size=SMALL - 0.5,
            color=INK if text == "practice" else QUIET,
            va="center",
            annotation_clip=False,
        )


def _mark(axes: Axes, point: Point, *, named: bool) -> None:
    shape, colour, size = _MARKS[point.position]
    at = [point.episodes], [point.value]
    if point.own:
        axes.scatter(*at, s=150, facecolors="none", edgecolors=INK, linewidths=1.6, zorder=4)
    axes.scatter(*at, s=size, marker=shape, color=colour, zorder=5, linewidths=0)
    if named:
        axes.annotate(
            "you" if point.own else str(point.number),
            (point.episodes, point.value),
            xytext=(8 if point.own else 5, 4),
            textcoords="offset points",
            size=SMALL,
            weight="bold" if point.position is not Position.WITHIN or point.own else "normal",
            color=INK,
            zorder=6,
        )


def _named(point: Point, found: Funnel) -> bool:
    if point.own:
        return True
    return point.group is not None and (len(found.points) <= MOST_NAMED or point.position is not Position.WITHIN)


def _scale(axes: Axes, found: Funnel) -> None:
    axes.set_xlim(found.curve[0].episodes, found.curve[-1].episodes)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    if found.measure is Measure.IMPROVED:
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        axes.set_xlabel("Episodes with a known change", size=TEXT, color=INK)
        axes.set_ylabel("Improved, share of episodes", size=TEXT, color=INK)
        return
    values = [point.value for point in found.points]
    first = found.curve[0]
    reach = max(abs(value - found.target) for value in (*values, first.highest, first.lowest)) * 1.08
    axes.set_ylim(found.target - reach, found.target + reach)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))
    axes.set_xlabel("Episodes with a known change (effective number)", size=TEXT, color=INK)
    axes.set_ylabel("Beyond prediction, standard deviations", size=TEXT, color=INK)
