"""A patient's scores over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from outcomes_svc.results.charts.canvas import BAND, BLUE, INK, QUIET, SMALL, TEXT, paper, plain_axes
from outcomes_svc.results.plain_words import CourseWords, number

HEIGHT = 3.7
LABEL_SHARE = 0.15
"""What the label of a day takes of the width."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """Scores of one instrument in order of days, its range, and from where on a change is one that matters."""

    days: Sequence[date]
    values: Sequence[float]
    lowest: float
    highest: float
    lower_is_better: bool
    important: float | None


def course_chart(course: Course, words: CourseWords, label: Callable[[date], str]) -> Figure:
    """The scores as a line with their numbers; the zone of a clear improvement is shaded. `label` writes a day."""
    figure = paper(HEIGHT, words.title, words.subtitle, top=0.95)
    axes = figure.add_axes((0.12, 0.14, 0.83, 0.86 - 0.95 / HEIGHT))
    plain_axes(axes)
    _zone(axes, course, words)
    days = [day.toordinal() for day in course.days]
    axes.plot(days, course.values, color=BLUE, linewidth=1.8, marker="o", markersize=5.5, zorder=3)
    for day, value in zip(days, course.values, strict=True):
        axes.annotate(
            number(value),
            (day, value),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            size=TEXT,
            weight="bold",
            color=INK,
            zorder=4,
        )
    _scale(axes, course, words, label)
    return figure


def _zone(axes: Axes, course: Course, words: CourseWords) -> None:
    if course.important is None:
        return
    end = course.lowest if course.lower_is_better else course.highest
    axes.axhspan(*sorted((course.important, end)), color=BAND, linewidth=0)
    middle = (course.important + end) / 2
    axes.annotate(
        words.important,
        (0.985, middle),
        xycoords=("axes fraction", "data"),
        ha="right",
        va="center",
        size=SMALL,
        color=QUIET,
    )


def _scale(axes: Axes, course: Course, words: CourseWords, label: Callable[[date], str]) -> None:
    room = (course.highest - course.lowest) * 0.1
    axes.set_ylim(course.lowest, course.highest + room)
    first, last = course.days[0].toordinal(), course.days[-1].toordinal()
    margin = max(3.0, (last - first) * 0.07)
    axes.set_xlim(first - margin, last + margin)
    ticks = _apart(course.days, (last - first + 2 * margin) * LABEL_SHARE)
    axes.set_xticks([day.toordinal() for day in ticks], [label(day) for day in ticks])
    axes.set_ylabel(words.axis, size=TEXT, color=INK)
    axes.text(0.0, 1.03, words.better, transform=axes.transAxes, size=SMALL, color=QUIET)


def _apart(days: Sequence[date], least: float) -> list[date]:
    """The last day, and before it those that leave room for their labels."""
    chosen = [days[-1]]
    for day in reversed(days[:-1]):
        if (chosen[-1] - day).days >= least:
            chosen.append(day)
    return chosen[::-1]
