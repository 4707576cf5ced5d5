"""Drive times by a routing engine: asked once, stored, told apart from estimates, and never waited for in a booking."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from fascia.ids import new_id
from fascia.testing.harness import Harness
from scheduling_svc.service import SERVICE
from scheduling_svc.travel.atlases import forget
from scheduling_svc.travel.supplying import Day, DayPlaces, prepared_travel, travel_for
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.place import Coordinates

pytestmark = pytest.mark.embedded

MONDAY, TUESDAY = "2027-01-18", "2027-01-19"
AT_SEA = {"latitude": 41.0, "longitude": -65.0}


def address(coordinates: dict[str, float]) -> dict[str, Any]:
    sample = {"line": "1 Sample Street", "city": "Cambridge", "state": "MA", "postal_code": "02139", "country": "US"}
    return {**sample, "coordinates": coordinates}


class Quiet(ThreadingHTTPServer):
    """A client that hangs up is what is tested, and no error."""

    def handle_error(self, *_: Any) -> None:
        """Nothing."""


class Engine:
    """Answers as OSRM does: `minutes` for every drive, nothing to places at sea."""

    def __init__(self) -> None:
        self.minutes, self.pause, self.status = 20, 0.0, 200
        self.asked: list[str] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                told.asked.append(self.path)
                time.sleep(told.pause)
                body = told.answer(self.path)
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def answer(self, path: str) -> bytes:
        parts = urlsplit(path)
        points = [tuple(map(float, at.split(","))) for at in parts.path.rsplit("/", 1)[1].split(";")]
        rows, columns = (
            [points[int(index)] for index in parse_qs(parts.query)[name][0].split(";")]
            for name in ("sources", "destinations")
        )
        at_sea = (AT_SEA["longitude"], AT_SEA["latitude"])
        seconds = [[0 if a == b else None if at_sea in (a, b) else self.minutes * 60 for b in columns] for a in rows]
        at = [{"distance": 3.0} for _ in points]
        answer = {"code": "Ok", "durations": seconds, "sources": at[: len(rows)], "destinations": at[: len(columns)]}
        return json.dumps(answer).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def engine(running: Engine) -> Engine:
    """It works, and this process has not asked it yet."""
    running.minutes, running.pause, running.status = 20, 0.0, 200
    running.asked.clear()
    forget()
    return running


@pytest.fixture(scope="module")
def harness(mongodb_uri: str, running: Engine) -> Iterator[Harness]:
    environ = {"FASCIA_OSRM_URL": running.url, "FASCIA_OSRM_TIMEOUT_SECONDS": "0.3"}
    made = Harness(SERVICE, mongodb_uri, environ)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _ready(practice: Any, engine: Engine) -> None:
    practice.shift()
    practice.patient()


def offers(practice: Any, **changes: Any) -> dict[str, Any]:
    return practice.made("post", "/v1/offers", practice.wish(**changes), 200)


def test_an_offer_counts_the_drive_by_the_road_and_says_so(practice: Any) -> None:
    found = offers(practice)
    assert found["items"][0]["added_drive_minutes"] == 40
    assert found["travel"] == {"source": "roads", "estimated": 0, "because": []}


def test_what_was_asked_once_is_not_asked_again(practice: Any, engine: Engine) -> None:
    offers(practice)
    asked = len(engine.asked)
    offers(practice)
    practice.book(at=f"{MONDAY}T10:00")
    practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}")
    assert len(engine.asked) == asked == 1


def test_another_process_books_by_the_stored_times_and_asks_nobody(practice: Any, engine: Engine) -> None:
    offers(practice)
    asked = len(engine.asked)
    forget()
    hold = practice.hold(at=f"{MONDAY}T10:00")
    assert (hold["drive_minutes"], len(engine.asked)) == (20, asked)


def test_a_booking_without_an_offer_asks_before_its_transaction(practice: Any, engine: Engine) -> None:
    hold = practice.hold(at=f"{MONDAY}T10:00")
    assert (hold["drive_minutes"], len(engine.asked)) == (20, 1)
    practice.patient("patient-2", address=address({"latitude": 42.40, "longitude": -71.12}))
    booked = practice.made("post", "/v1/appointments", {"slot": practice.slot("patient-2", f"{MONDAY}T14:00")})
    shown = practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["stops"]
    assert [stop["drive_minutes"] for stop in shown if stop["id"] == booked["id"]] == [20]


def test_a_move_asks_about_the_day_that_it_goes_to(practice: Any, engine: Engine) -> None:
    booked = practice.book(at=f"{MONDAY}T10:00")
    practice.shift(day=TUESDAY)
    forget()
    asked = len(engine.asked)
    moved = practice.made("post", f"/v1/appointments/{booked['id']}/move", practice.slot(at=f"{TUESDAY}T10:00"), 200)
    shown = practice.desk.get(f"/v1/therapists/alma/days/{TUESDAY}").json["stops"]
    assert moved["local_start"].startswith(TUESDAY)
    assert ([stop["drive_minutes"] for stop in shown], len(engine.asked)) == ([20], asked + 1)


def test_an_urgent_visit_is_planned_by_the_road(practice: Any, engine: Engine) -> None:
    practice.patient("patient-2", address=address({"latitude": 42.40, "longitude": -71.12}))
    clock = practice.harness.clock
    clock.advance(datetime(2027, 1, 18, 15, tzinfo=UTC) - clock.now())
    report = {
        "kind": "urgent_visit",
        "patient_id": "patient-2",
        "service_type": "massage-60",
        "until": f"{MONDAY}T20:00:00Z",
    }
    asked = len(engine.asked)
    practice.made("post", f"/v1/days/{MONDAY}/disruptions", report)
    shown = practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["stops"]
    assert ([stop["drive_minutes"] for stop in shown], len(engine.asked)) == ([20], asked + 1)


def test_a_booking_does_not_fail_with_the_engine(practice: Any, engine: Engine) -> None:
    engine.status = 503
    assert 0 < practice.hold(at=f"{MONDAY}T10:00")["drive_minutes"] < 20


def test_inside_a_transaction_the_engine_cannot_be_asked(practice: Any) -> None:
    places = frozenset({Coordinates(42.1, -71.1), Coordinates(42.2, -71.2)})

    def ask(uow: Any) -> None:
        prepared_travel(uow, workforce.directory(uow), [DayPlaces(Day(uow.now.date()), places)])

    with pytest.raises(RuntimeError, match="never inside one"):
        practice.harness.runtime.transaction(practice.practice_id, ask)


def test_no_place_can_be_read_from_a_stored_matrix(practice: Any) -> None:
    offers(practice)
    mine = {"practice_id": practice.practice_id}
    stored = practice.harness.runtime.database["travel_matrices"].find_one(mine)
    assert stored is not None
    assert len(stored["places"]) >= 2
    text = str(stored)
    # Keys are hexadecimal and hold any digits by chance, but no decimal points.
    assert not re.search(r"42[.,]3", text)
    assert not re.search(r"71[.,][01]", text)


def test_two_practices_know_one_place_by_two_names(practice: Any) -> None:
    offers(practice)
    other = type(practice)(practice.harness, f"practice-{new_id()[-8:]}")
    other.shift()
    other.patient()
    offers(other)
    both = {"practice_id": {"$in": [practice.practice_id, other.practice_id]}}
    found = practice.harness.runtime.database["travel_matrices"].find(both)
    names = [frozenset(matrix["places"]) for matrix in found]
    assert len(names) == 2
    assert not names[0] & names[1]


@pytest.mark.parametrize("failure", ["slow", "away"])
def test_an_engine_that_fails_is_said_and_the_estimate_is_used(practice: Any, engine: Engine, failure: str) -> None:
    if failure == "slow":
        engine.pause = 0.6
    else:
        engine.status = 503
    found = offers(practice)
    assert found["items"], "the estimate goes on"
    assert found["travel"]["source"] == "estimate"
    assert found["travel"]["because"] == [f"roads-{failure}"]
    assert found["travel"]["estimated"] > 0
    shown = practice.desk.get("/v1/travel").json["roads"]
    assert shown["silence"].startswith(f"roads-{failure}")


def test_after_several_failures_nobody_waits_and_health_tells(practice: Any, engine: Engine) -> None:
    engine.status = 503
    for _ in range(5):
        offers(practice)
    assert len(engine.asked) == 3
    told = practice.harness.anonymous().get("/health/ready")
    assert told.status_code == 200
    assert told.json["travel"]["source"] == "estimate"
    assert told.json["travel"]["answers"] is False


def test_an_address_without_a_road_is_named(practice: Any) -> None:
    practice.patient("by-road", address=address({"latitude": 42.40, "longitude": -71.12}))
    practice.book("by-road", at=f"{MONDAY}T14:00")
    practice.patient("at-sea", address=address(AT_SEA))
    answer = practice.desk.post("/v1/offers", practice.wish("at-sea"))
    assert (answer.status_code, answer.json["code"]) == (409, "address-unreachable")
    assert "coordinates" in answer.json["errors"][0]["fix"]
    forget()
    assert practice.refusal("/v1/holds", practice.slot("at-sea")) == "address-unreachable"


def test_traffic_of_the_practice_lengthens_the_free_road(practice: Any) -> None:
    current = practice.desk.get("/v1/practice")
    body = {name: value for name, value in current.json.items() if name != "version"}
    body |= {"road_factor_by_hour": [1.5] * 24, "road_overhead_minutes": 2}
    changed = practice.desk.put("/v1/practice", body, headers={"If-Match": current.headers["ETag"]})
    assert changed.status_code == 200, changed.json
    assert offers(practice)["items"][0]["added_drive_minutes"] == 64


def test_a_matrix_of_a_day_grows_by_many_at_a_time(practice: Any) -> None:
    """Several processes prepare one region's day at the same moment; nobody's places are lost."""
    runtime = practice.harness.runtime
    groups = [frozenset(Coordinates(42 + n / 100, -71 - g / 100) for n in range(4)) for g in range(4)]
    day = Day(runtime.clock.now().date())

    def prepare(places: frozenset[Coordinates]) -> None:
        uow = runtime.reading(practice.practice_id)
        prepared_travel(uow, workforce.directory(uow), [DayPlaces(day, places)])

    threads = [threading.Thread(target=prepare, args=(group,)) for group in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    forget()
    uow = runtime.reading(practice.practice_id)
    travel = travel_for(uow, workforce.directory(uow), [day])
    known = [travel.free_seconds(*sorted(group, key=lambda at: at.latitude)[:2]) for group in groups]
    assert sum(seconds is not None for seconds in known) >= 3


def test_what_was_stored_weeks_ago_is_asked_again_and_serves_meanwhile(practice: Any, engine: Engine) -> None:
    runtime = practice.harness.runtime
    a, b = Coordinates(42.1, -71.1), Coordinates(42.2, -71.2)
    day = Day(runtime.clock.now().date() + timedelta(days=60))

    def prepared() -> int | None:
        uow = runtime.reading(practice.practice_id)
        wanted = [DayPlaces(day, frozenset({a, b}))]
        return prepared_travel(uow, workforce.directory(uow), wanted).free_seconds(a, b)

    assert prepared() == 1_200
    engine.minutes = 30
    runtime.clock.advance(timedelta(days=13))
    forget()
    assert (prepared(), len(engine.asked)) == (1_200, 1)
    runtime.clock.advance(timedelta(days=2))
    forget()
    uow = runtime.reading(practice.practice_id)
    assert travel_for(uow, workforce.directory(uow), [day]).free_seconds(a, b) == 1_200
    forget()
    assert prepared() == 1_800
