"""Results as charts: which chart, with which words beside it. Pure; matplotlib is loaded with the first chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outcomes_svc.patient_results.course import Measured, important_from
from outcomes_svc.results.breakdown import By
from outcomes_svc.results.figure import Figure
from outcomes_svc.results.funnel import Funnel, Measure, Position
from outcomes_svc.results.funnel_words import headline
from outcomes_svc.results.period import Period
from outcomes_svc.results.plain_words import chart_words, day_words, number, short_day
from outcomes_svc.results.score_range import score_range
from outcomes_svc.results.summary import Completeness, GroupFigures, Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Paper

_NAMES = {By.PRACTICE: "practice", By.THERAPIST: "therapist", By.LOCATION: "location"}


@dataclass(frozen=True)
class Drawing:
    """A chart that is drawn when it is asked for; `description` says in words what can be seen."""

    title: str
    description: str
    draw: Callable[[], Paper]

    def svg(self) -> bytes:
        """As SVG with title and description."""
        from outcomes_svc.results.charts.canvas import svg

        return svg(self.draw(), self.title, self.description)

    def png(self) -> bytes:
        """As PNG."""
        from outcomes_svc.results.charts.canvas import png

        return png(self.draw())


def summary_drawing(found: Summary, period: Period) -> Drawing:
    """How many episodes improved, by condition."""
    title = "Improved episodes by condition"
    subtitle = f"{months(period)}. {known_words(found.completeness)}\nThe dashed line is for all conditions together."

    def draw() -> Paper:
        from outcomes_svc.results.charts.group_chart import Row, group_chart

        rows = [Row(group.key, group.improved) for group in _with_something(found.by_condition)]
        return group_chart(rows, title, subtitle, whole=found.whole.improved)

    told = [f"{group.key}: {_told(group)}." for group in _with_something(found.by_condition)]
    return Drawing(title, " ".join([f"{months(period)}.", f"All: {_told(found.whole)}.", *told]), draw)


def funnel_drawing(found: Funnel, known: Completeness, period: Period, *, own: bool = False) -> Drawing:
    """The groups of a practice beside each other."""
    what = "Improved episodes" if found.measure is Measure.IMPROVED else "Results beyond prediction"
    title = f"Your {what[0].lower()}{what[1:]}" if own else f"{what} by {_NAMES[found.by]}"
    marks = "\u25b2 above, \u25bc below the 95% limits."
    subtitle = f"{months(period)}. {known_words(known)}\n{marks}"

    def draw() -> Paper:
        from outcomes_svc.results.charts.funnel_chart import funnel_chart

        return funnel_chart(found, title, subtitle)

    outside = [
        f"Number {point.number}{' (you)' if point.own else ''}: {_value(point.value, found.measure)} over "
        f"{point.followed_up} episodes, {'above' if point.value > found.target else 'below'} the limits."
        for point in found.points
        if point.position is not Position.WITHIN
    ]
    return Drawing(title, " ".join([f"{months(period)}.", headline(found), *outside]), draw)


def course_drawing(measured: Measured, language: str) -> Drawing:
    """A patient's scores over time."""
    readings, instrument = measured.readings, measured.instrument
    low, high = score_range(instrument)
    if not instrument.patient_rated:
        # A range of motion has no scale: what was measured fills the paper.
        low, high = min(each.value for each in readings) - 10, max(each.value for each in readings) + 10
    words = chart_words(measured.heading, readings, language, lower=instrument.better.sign < 0)

    def draw() -> Paper:
        from outcomes_svc.results.charts.course_chart import Course, course_chart

        course = Course(
            days=[each.day for each in readings],
            values=[each.value for each in readings],
            lowest=low,
            highest=high,
            lower_is_better=instrument.better.sign < 0,
            important=important_from(measured),
        )
        return course_chart(course, words, lambda day: short_day(day, language))

    told = "; ".join(f"{day_words(each.day, language)}: {number(each.value)}" for each in readings)
    return Drawing(measured.heading, told, draw)


def months(period: Period) -> str:
    """A period in words: January to December 2026."""
    first, last = period.first, period.last
    if (first.year, first.month) == (last.year, last.month):
        return f"{last:%B %Y}"
    return f"{first:%B} to {last:%B %Y}" if first.year == last.year else f"{first:%B %Y} to {last:%B %Y}"


def known_words(known: Completeness) -> str:
    """How much of the closed episodes is known, to stand beside a figure."""
    if not known.closed:
        return "No episode has closed yet."
    share = known.followed_up / known.closed
    return f"Change known for {known.followed_up:,} of {known.closed:,} closed ({share:.0%})."


def _with_something(groups: Iterable[GroupFigures]) -> list[GroupFigures]:
    return [group for group in groups if group.suppressed or group.improved is not None]


def _told(group: GroupFigures) -> str:
    figure: Figure | None = group.improved
    if figure is None or figure.value is None:
        return "not shown, small numbers" if group.suppressed else "nothing known yet"
    return (
        f"{figure.value:.0%} improved (95% interval {figure.low:.0%} to {figure.high:.0%}), known for "
        f"{figure.episodes} of {figure.of} closed episodes"
    )


def _value(value: float, measure: Measure) -> str:
    return f"{value:.0%} improved" if measure is Measure.IMPROVED else f"{value:+.2f} standard deviations"
