"""The board as a picture: a row per therapist, a bar per visit, time from left to right. No names of patients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fascia.localtime import wall
from scheduling_svc.board.board import AtRisk, Board, BoardStop, Row
from scheduling_svc.workforce.shift import Shift

LABELS, WIDTH, ROW, TOP = 190, 1240, 54, 30
_HOUR = timedelta(hours=1)
_DONE = frozenset({"completed", "no_show"})
_UNDER_WAY = frozenset({"en_route", "arrived", "in_progress"})
_WORDS = {
    "booked": "booked",
    "confirmed": "confirmed",
    "en_route": "on the way",
    "arrived": "arrived",
    "in_progress": "under way",
    "completed": "done",
    "no_show": "nobody there",
    "held": "held",
}


@dataclass(frozen=True)
class Bar:
    """A visit. `promise` is where its promise begins, and how wide it is; `kind` is how it is drawn."""

    x: float
    width: float
    promise: tuple[float, float]
    kind: str
    clock: str
    words: str
    locked: bool


@dataclass(frozen=True)
class Line:
    """A therapist's row: the name, what the day comes to, where the shifts lie, the visits."""

    y: int
    name: str
    state: str
    summary: str
    shifts: tuple[tuple[float, float], ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Picture:
    """`hours` are positions and labels of the axis; `now` where the present is, if it is in the picture."""

    height: int
    hours: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    now: float | None


def draw(board: Board, time_zone: str) -> Picture:
    """The picture of a board, by the clocks of a zone."""
    begin, end = _span(board)
    scale = _Scale(begin, end)
    danger = {risk.appointment_id: risk for risk in board.at_risk}
    lines = tuple(_line(row, TOP + number * ROW, scale, danger) for number, row in enumerate(board.rows))
    count = int((end - begin) / _HOUR)
    hours = tuple((scale.x(begin + _HOUR * hour), wall(begin + _HOUR * hour, time_zone)[-5:]) for hour in range(count))
    now = scale.x(board.drawn_at) if begin <= board.drawn_at <= end else None
    return Picture(TOP + ROW * len(lines) + 6, hours, lines, now)


class _Scale:
    def __init__(self, begin: datetime, end: datetime) -> None:
        self._begin = begin
        self._unit = (WIDTH - LABELS) / ((end - begin) / _HOUR)

    def x(self, at: datetime) -> float:
        """Where a moment is."""
        return round(LABELS + (at - self._begin) / _HOUR * self._unit, 1)

    def width(self, begin: datetime, end: datetime) -> float:
        """How wide a time is; never nothing."""
        return max(2.0, round((end - begin) / _HOUR * self._unit, 1))


def _span(board: Board) -> tuple[datetime, datetime]:
    """Whole hours around all that is on the board."""
    moments = [at for row in board.rows for shift in row.shifts for at in (shift.starts_at, shift.ends_at)]
    moments += [at for row in board.rows for stop in row.stops for at in (stop.starts_at, stop.ends_at)]
    if not moments:
        return board.drawn_at, board.drawn_at + _HOUR
    begin = min(moments).replace(minute=0, second=0, microsecond=0)
    return begin, begin + _HOUR * (-((begin - max(moments)) // _HOUR))


def _line(row: Row, y: int, scale: _Scale, danger: dict[str, AtRisk]) -> Line:
    summary = f"{len(row.stops)} visits, {row.driving_minutes} min driving"
    if row.overtime_minutes:
        summary += f", {row.overtime_minutes} min overtime"
    state = f"{row.status.value}, about to be planned" if row.replan_pending else row.status.value
    return Line(y, row.name, state, summary, tuple(_shifts(row.shifts, scale)), tuple(_bars(row, scale, danger)))


def _shifts(shifts: Iterable[Shift], scale: _Scale) -> Iterable[tuple[float, float]]:
    return ((scale.x(shift.starts_at), scale.width(shift.starts_at, shift.ends_at)) for shift in shifts)


def _bars(row: Row, scale: _Scale, danger: dict[str, AtRisk]) -> Iterable[Bar]:
    for stop in row.stops:
        yield Bar(
            x=scale.x(stop.starts_at),
            width=scale.width(stop.starts_at, stop.ends_at),
            promise=(scale.x(stop.promised_from), scale.width(stop.promised_from, stop.promised_until)),
            kind=_kind(stop, stop.id in danger),
            clock=stop.local_start[-5:],
            words=_words(stop, row.time_zone, danger.get(stop.id)),
            locked=stop.locked,
        )


def _kind(stop: BoardStop, in_danger: bool) -> str:
    if in_danger:
        return "danger"
    if stop.status in _DONE:
        return "done"
    if stop.status in _UNDER_WAY:
        return "under_way"
    return "held" if stop.held else "ahead"


def _words(stop: BoardStop, zone: str, risk: AtRisk | None) -> str:
    """All that the bar shows, in words."""
    said = [
        f"{_clock(stop.starts_at, zone)}-{_clock(stop.ends_at, zone)}",
        stop.town,
        _WORDS.get(stop.status, stop.status),
    ]
    if stop.promised_from != stop.promised_until:
        said.append(f"promised {_clock(stop.promised_from, zone)}-{_clock(stop.promised_until, zone)}")
    if stop.drive_minutes:
        said.append(f"{stop.drive_minutes} min drive to it")
    if risk is not None:
        late = f"{risk.late_minutes} min late" if risk.late_minutes > 0 else "promise in danger"
        said.append("nobody can make it" if risk.expected_at is None else late)
    elif stop.expected_at is not None and stop.expected_at != stop.starts_at:
        said.append(f"expected {_clock(stop.expected_at, zone)}")
    if stop.locked:
        said.append("locked")
    return ", ".join(part for part in said if part)


def _clock(at: datetime, zone: str) -> str:
    return wall(at, zone)[-5:]
