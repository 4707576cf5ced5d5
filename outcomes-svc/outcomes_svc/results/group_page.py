"""What stands on the page of a group's results. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outcomes_svc.episodes.treated_session import NO_CONDITION
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.results.breakdown import NO_LOCATION, By, Cell
from outcomes_svc.results.drawings import Drawing, funnel_drawing, months, summary_drawing
from outcomes_svc.results.figure import Figure
from outcomes_svc.results.funnel import Funnel, Measure, Point, Position
from outcomes_svc.results.funnel_words import headline, notes
from outcomes_svc.results.group_results import Comparison
from outcomes_svc.results.period import Period
from outcomes_svc.results.summary import GroupFigures, Summary
from outcomes_svc.results.suppression import SMALLEST

_TITLES = {
    By.PRACTICE: "Results of the practice",
    By.THERAPIST: "Results of a therapist",
    By.LOCATION: "Results of a location",
}
_POSITIONS = {
    Position.WITHIN: "within the limits",
    Position.ABOVE: "above the 95% limit",
    Position.FAR_ABOVE: "above the 99.8% limit",
    Position.BELOW: "below the 95% limit",
    Position.FAR_BELOW: "below the 99.8% limit",
}
_MISSING = {
    "no_model": "No prediction model is published for this period.",
    "too_few_episodes": "Too few episodes.",
    "no_spread": "All changes are equal.",
    "several_versions": "Two versions of the instrument: choose a shorter period.",
    "no_important_change_known": "No important change is known for the instrument.",
}
_EXCLUDED = {
    "no_baseline": "no answers at the start",
    "baseline_not_by_patient": "start taken down by staff, not answered by the patient",
    "baseline_outside_window": "answered too early or too late to be the start",
    "stand_in_instrument": "the instrument that fits the condition could not be asked",
    "instrument_never_paid": "an instrument that nobody is judged by",
    "several_therapists": "no therapist gave half of the treatment",
}


@dataclass(frozen=True)
class Tile:
    """A figure at a glance: the value, its interval, and what it rests on."""

    name: str
    value: str
    interval: str
    basis: str


@dataclass(frozen=True)
class Line:
    """A line of a table."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class FunnelPart:
    """One funnel on the page."""

    heading: str
    headline: str
    outside: tuple[str, ...]
    drawing: Drawing | None
    notes: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class GroupPage:
    """Everything that the template shows, in words and numbers."""

    title: str
    period: str
    hidden: str | None
    tiles: tuple[Tile, ...]
    drawing: Drawing | None
    conditions: tuple[Line, ...]
    instruments: tuple[Line, ...]
    excluded: tuple[Line, ...]
    funnels: tuple[FunnelPart, ...]


def group_page(found: Summary, period: Period, compared: Sequence[tuple[Comparison, bool]]) -> GroupPage:
    """The page of a group, with the funnels in which it, or its parts, stand."""
    hidden = (
        f"Fewer than {SMALLEST} episodes with a known change: no figures are shown."
        if not found.whole.improved
        else None
    )
    own = any(own for _, own in compared)
    return GroupPage(
        title=_title(found.group, own=own),
        period=f"Episodes that began in {months(period)}",
        hidden=hidden,
        tiles=_tiles(found),
        drawing=summary_drawing(found, period) if any(group.improved for group in found.by_condition) else None,
        conditions=tuple(_condition(group) for group in found.by_condition),
        instruments=tuple(_instrument(group) for group in found.by_instrument),
        excluded=tuple(
            Line(_EXCLUDED.get(reason, reason), (str(count),)) for reason, count in found.completeness.excluded.items()
        ),
        funnels=tuple(_funnel(each, period, own=own) for each, own in compared),
    )


def _title(group: Cell, *, own: bool) -> str:
    if own:
        return "Your results"
    return _TITLES[group.by] if group.by is By.PRACTICE else f"{_TITLES[group.by]}: {_named(group.group)}"


def _tiles(found: Summary) -> tuple[Tile, ...]:
    known = found.completeness
    return (
        Tile(
            "Start known",
            _percent(known.share_with_baseline),
            "answered by the patient, in time",
            f"{known.with_baseline:,} of {known.closed:,} closed episodes",
        ),
        Tile(
            "Followed up",
            _percent(known.share_followed_up),
            f"{known.awaited:,} more may still answer" if known.awaited else "answered 3 weeks to 6 months later",
            f"{known.followed_up:,} of {known.counted:,} that count",
        ),
        _tile("Improved", found.whole.improved, percent=True),
        _tile("Beyond prediction", found.whole.residual, percent=False),
    )


def _tile(name: str, figure: Figure | None, *, percent: bool) -> Tile:
    if figure is None:
        return Tile(name, "not shown", "", "small numbers")
    if figure.value is None:
        return Tile(
            name,
            "none yet",
            _MISSING.get(figure.missing or "", ""),
            f"{figure.episodes:,} of {figure.of:,} closed episodes",
        )
    return Tile(
        name,
        _value(figure.value, percent),
        _interval(figure, percent),
        f"{figure.episodes:,} of {figure.of:,} closed episodes",
    )


def _condition(group: GroupFigures) -> Line:
    name = group.key if group.key == NO_CONDITION else f"{group.key} {shipped().primary.choose([group.key]).condition}"
    return Line(name, (*_cell(group, group.improved, percent=True), *_cell(group, group.residual, percent=False)[:1]))


def _instrument(group: GroupFigures) -> Line:
    known = shipped().current(group.key)
    name = known.name if known else group.key
    change, response = _cell(group, group.mean_change, percent=False), _cell(group, group.response, percent=False)
    return Line(name, (change[0], response[0], change[1]))


def _cell(group: GroupFigures, figure: Figure | None, *, percent: bool) -> tuple[str, str]:
    """A figure with its interval, and what it rests on."""
    if figure is None:
        return "small numbers" if group.suppressed else "\u2013", ""
    if figure.value is None:
        return "\u2013", f"{figure.episodes:,} of {figure.of:,}"
    return f"{_value(figure.value, percent)} ({_interval(figure, percent)})", f"{figure.episodes:,} of {figure.of:,}"


def _funnel(compared: Comparison, period: Period, *, own: bool) -> FunnelPart:
    heading = "Therapists" if compared.by is By.THERAPIST else "Locations"
    found = compared.funnel
    if found is None:
        return FunnelPart(heading, "There are too few groups of sufficient size to compare.", (), None, (), ())
    drawing = funnel_drawing(found, compared.completeness, period, own=own)
    lines = _points(found)
    outside = tuple(
        f"Number {point.number}, {_whose(point)}: {', '.join(line.cells)}."
        for line, point in zip(lines, found.points, strict=True)
        if point.position is not Position.WITHIN
    )
    return FunnelPart(heading, headline(found), outside, drawing, tuple(notes(found)), lines)


def _points(found: Funnel) -> tuple[Line, ...]:
    percent = found.measure is Measure.IMPROVED
    return tuple(
        Line(
            f"{point.number} {_whose(point)}",
            (_value(point.value, percent), f"{point.followed_up:,} of {point.of:,} known", _POSITIONS[point.position]),
        )
        for point in found.points
    )


def _whose(point: Point) -> str:
    if point.own:
        return "you"
    return "a colleague" if point.group is None else _named(point.group)


def _named(group: str) -> str:
    return "patients' homes" if group == NO_LOCATION else group


def _value(value: float, percent: bool) -> str:
    return f"{value:.0%}" if percent else f"{value:+.2f}".replace("-", "\u2212")


def _interval(figure: Figure, percent: bool) -> str:
    return " to ".join(_value(end, percent) for end in (figure.low, figure.high) if end is not None)


def _percent(share: float | None) -> str:
    return "\u2013" if share is None else f"{share:.0%}"
