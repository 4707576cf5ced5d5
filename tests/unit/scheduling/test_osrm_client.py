"""The OSRM client against a server that answers as OSRM does, and as no server should."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from scheduling_svc.travel.osrm import Osrm, PlaceOffRoad, RoadsSilent
from scheduling_svc.travel.travel import Because
from scheduling_svc.workforce.place import Coordinates

A, B, C = Coordinates(47.1, 9.5), Coordinates(47.2, 9.51234567), Coordinates(47.3, 9.6)
AT = {"distance": 4.5, "location": [9.5, 47.1]}
GOOD = {"code": "Ok", "durations": [[60.4, None]], "sources": [AT], "destinations": [AT, AT]}


class Quiet(ThreadingHTTPServer):
    """A client that hangs up is what is tested, and no error."""

    def handle_error(self, *_: Any) -> None:
        """Nothing."""


class Server:
    """Answers every request with the same body, after a while, perhaps in drips."""

    def __init__(self) -> None:
        self.status, self.body, self.pause, self.drip = 200, json.dumps(GOOD).encode(), 0.0, False
        self.paths: list[str] = []
        self.connections = 0
        self.closes = False
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                told.connections += 1

            def do_GET(self) -> None:
                told.paths.append(self.path)
                time.sleep(told.pause)
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(told.body)))
                self.end_headers()
                for byte in told.body if told.drip else b"":
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.02)
                if not told.drip:
                    self.wfile.write(told.body)
                self.close_connection = told.closes  # without having said so

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def test_a_table_names_origins_and_destinations(server: Server) -> None:
    table = Osrm(f"{server.url}/prefix/", 1).table([A], [B, C])
    assert table.seconds == ((60.4, None),)
    assert table.off_road == (4.5, 4.5, 4.5)
    points = "9.500000,47.100000;9.512346,47.200000;9.600000,47.300000"
    assert server.paths == [f"/prefix/table/v1/driving/{points}?sources=0&destinations=1;2"]


def test_one_connection_serves_many_tables(server: Server) -> None:
    osrm = Osrm(server.url, 1)
    for _ in range(5):
        osrm.table([A], [B, C])
    assert server.connections == 1


def test_a_connection_that_was_closed_while_idle_is_made_again(server: Server) -> None:
    server.closes = True
    osrm = Osrm(server.url, 1)
    for _ in range(3):
        osrm.table([A], [B, C])
        time.sleep(0.02)
    assert server.connections == 3


@pytest.mark.parametrize("drip", [False, True])
def test_a_slow_answer_is_given_up_in_time(server: Server, drip: bool) -> None:
    server.drip, server.pause = drip, 0.0 if drip else 0.6
    began = time.monotonic()
    with pytest.raises(RoadsSilent) as silence:
        Osrm(server.url, 0.2).table([A], [B, C])
    assert silence.value.because is Because.SLOW
    assert time.monotonic() - began < 0.5


def test_nobody_there() -> None:
    with pytest.raises(RoadsSilent) as silence:
        Osrm("http://127.0.0.1:1", 1).table([A], [B])
    assert silence.value.because is Because.AWAY


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>proxy</html>"),
        (200, b"[]"),
        (200, b"null"),
        (502, b"{}"),
        (400, json.dumps({"code": "TooBig", "message": "Too many table coordinates"}).encode()),
        (200, json.dumps({**GOOD, "durations": [[1]]}).encode()),
        (200, json.dumps({**GOOD, "durations": [["x", 1]]}).encode()),
        (200, json.dumps({**GOOD, "durations": [[-5, 1]]}).encode()),
        (200, b'{"code": "Ok", "durations": [[NaN, 1]], "sources": [], "destinations": []}'),
        (200, json.dumps({"code": "Ok"}).encode()),
        (200, json.dumps({**GOOD, "sources": None}).encode()),
    ],
)
def test_an_answer_that_is_none_counts_as_silence(server: Server, status: int, body: bytes) -> None:
    server.status, server.body = status, body
    with pytest.raises(RoadsSilent) as silence:
        Osrm(server.url, 1).table([A], [B, C])
    assert silence.value.because is Because.AWAY


def test_a_place_near_no_road_is_named(server: Server) -> None:
    message = "Could not find a matching segment for coordinate 2"
    server.status, server.body = 400, json.dumps({"code": "NoSegment", "message": message}).encode()
    with pytest.raises(PlaceOffRoad) as place:
        Osrm(server.url, 1).table([A], [B, C])
    assert place.value.index == 2


def test_an_address_that_is_none() -> None:
    with pytest.raises(ValueError):
        Osrm("localhost:5000", 1)
