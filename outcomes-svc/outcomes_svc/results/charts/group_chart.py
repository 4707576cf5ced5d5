"""How many of a group's episodes improved, by condition: a dot with its interval and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from outcomes_svc.results.charts.canvas import BLUE, INK, PAPER, QUIET, RULE, SMALL, TEXT, paper, plain_axes
from outcomes_svc.results.figure import Figure as Known

ROW = 0.42
TOP, BOTTOM = 1.05, 0.55


@dataclass(frozen=True)
class Row:
    """A line of the chart; `known` is None where the group is too small to be shown."""

    name: str
    known: Known | None


def group_chart(rows: Sequence[Row], title: str, subtitle: str, *, whole: Known | None) -> Figure:
    """One line per row, the figure of the whole as a line across."""
    height = TOP + BOTTOM + ROW * max(1, len(rows))
    figure = paper(height, title, subtitle, top=TOP)
    axes = figure.add_axes((0.2, BOTTOM / height, 0.45, (height - TOP - BOTTOM) / height))
    plain_axes(axes)
    axes.grid(True, axis="x", color=RULE, linewidth=0.6)
    axes.grid(False, axis="y")
    if whole is not None and whole.value is not None:
        axes.axvline(whole.value, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    if not rows:
        axes.text(0.5, 0, "nothing to show yet", size=SMALL, color=QUIET, ha="center", va="center")
    else:
        _beside(axes, -0.72, f"{' ' * 7}known of closed", QUIET)
    for place, row in enumerate(rows):
        _line(axes, place, row)
    axes.set_ylim(max(1, len(rows)) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [row.name for row in rows], size=TEXT, color=INK)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    axes.set_xlabel("Improved episodes with 95% interval", size=SMALL, color=INK)
    return figure


def _line(axes: Axes, place: int, row: Row) -> None:
    known = row.known
    if known is None or known.value is None or known.low is None or known.high is None:
        on_paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 2}
        axes.text(0.02, place, "not shown: small numbers", size=SMALL, color=QUIET, va="center", bbox=on_paper)
        return
    axes.plot([known.low, known.high], [place, place], color=BLUE, linewidth=2.2, solid_capstyle="round", zorder=2)
    axes.scatter([known.value], [place], s=44, color=BLUE, zorder=3, linewidths=0)
    _beside(axes, place, f"{known.value:.0%}   {known.episodes:,} of {known.of:,}", INK)


def _beside(axes: Axes, place: float, text: str, colour: str) -> None:
    """Words to the right of the plot."""
    axes.annotate(
        text,
        (1.0, place),
        xycoords=("axes fraction", "data"),
        xytext=(10, 0),
        textcoords="offset points",
        size=SMALL,
        color=colour,
        va="center",
        annotation_clip=False,
    )
