"""A day of home visits in the demo practice: booked, planned and published, so that board and phone show something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fascia.devset.cast import Cast, seen
from fascia.devset.rest import Rest, RestError
from fascia.web.principal import Role

_SERVICE = "evaluation-45"
_VISITS = 16
_HOURS = time(9), time(18)
_DAYS_AHEAD = 7
# A patient whom the desk knows reaches scheduling-svc as an event.
_NOT_YET_KNOWN = (404, 409)


@dataclass(frozen=True)
class DemoDay:
    """Where that day can be looked at; whoever holds a link needs no account."""

    date: date
    board: str
    phone: str
    booked: int


def demo_day(cast: Cast, told: Callable[[int, int], None] = lambda done, total: None) -> DemoDay | None:
    """Make what is missing; None where nobody drives to patients in the next days."""
    desk = cast.at("scheduling", Role.ADMIN)
    board = _next_board(desk)
    if board is None:
        return None
    missing = _VISITS - len(_home_visits(board))
    # A few are always missing, since not everybody finds a time that day: a day that is half full was made before.
    made_before = missing <= _VISITS / 2
    booked = 0 if made_before else _book(cast, desk, board, missing, told)
    if booked:
        day = board["date"]
        board = seen("the day planned anew", lambda: _planned(desk, day), 60)
        for therapist_id in {row["therapist_id"] for row in board["rows"] if row["stops"]}:
            desk.post(f"/v1/therapists/{therapist_id}/days/{board['date']}/publication")
    busiest = max(board["rows"], key=lambda row: len(row["stops"]))["therapist_id"]
    return DemoDay(
        date=date.fromisoformat(board["date"]),
        board=desk.post(f"/v1/boards/{board['date']}/links").body["url"],
        phone=desk.post(f"/v1/routes/{busiest}/{board['date']}/links").body["url"],
        booked=booked,
    )


def _next_board(desk: Rest) -> dict[str, Any] | None:
    """The first day from tomorrow on with somebody who drives to patients."""
    zone = ZoneInfo(desk.get("/v1/practice").body["time_zone"])
    today = datetime.now(UTC).astimezone(zone).date()
    for ahead in range(1, _DAYS_AHEAD + 1):
        board: dict[str, Any] = desk.get(f"/v1/boards/{today + timedelta(days=ahead)}").body
        if any(shift["setting"] == "mobile" for row in board["rows"] for shift in row["shifts"]):
            return board
    return None


def _home_visits(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [stop for row in board["rows"] for stop in row["stops"] if stop["setting"] == "mobile"]


def _planned(desk: Rest, day: str) -> dict[str, Any] | None:
    board: dict[str, Any] = desk.get(f"/v1/boards/{day}").body
    return None if any(row["replan_pending"] for row in board["rows"]) else board


def _book(cast: Cast, desk: Rest, board: dict[str, Any], wanted: int, told: Callable[[int, int], None]) -> int:
    """Evaluations at the homes of as many patients; returns for how many there was an offer."""
    zone, on = ZoneInfo(board["rows"][0]["time_zone"]), date.fromisoformat(board["date"])
    begins, ends = (datetime.combine(on, hour, tzinfo=zone) for hour in _HOURS)
    booked = 0
    for patient_id in _patients(cast):
        if booked == wanted:
            break
        wish = {
            "patient_id": patient_id,
            "service_type": _SERVICE,
            "setting": "mobile",
            "from": begins.isoformat(),
            "to": ends.isoformat(),
            "limit": 1,
        }
        booked += _booked(desk, wish)
        told(booked, wanted)
    return booked


def _booked(desk: Rest, wish: dict[str, Any]) -> int:
    """Hold and book the first offer; 0 where there is none."""
    offers = seen(f"patient {wish['patient_id']} in scheduling-svc", lambda: _offers(desk, wish))
    for offer in offers["items"]:
        hold = desk.post("/v1/holds", offer).body
        desk.post("/v1/appointments", {"hold_id": hold["id"]})
    return len(offers["items"])


def _patients(cast: Cast) -> Iterator[str]:
    """Those who can be visited: alive, with a home that is on the map."""
    for patient in cast.at("records", Role.ADMIN).every("/v1/patients"):
        address = patient.get("address") or {}
        if not patient.get("deceased") and address.get("coordinates"):
            yield patient["id"]


def _offers(desk: Rest, wish: dict[str, Any]) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = desk.post("/v1/offers", wish).body
    except RestError as error:
        if error.status not in _NOT_YET_KNOWN:
            raise
        return None
    return found
