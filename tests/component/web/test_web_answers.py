"""What every answer carries, and what an operator sees: headers, health, metrics, logs, traces."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from fascia.backbone.dead_letters import Record
from fascia.ids import new_id
from fascia.observability.logs import SafeFormatter
from fascia.observability.tracing import configure_tracing
from fascia.testing.harness import Harness
from fascia.web.app import create_app

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def _spans() -> None:
    configure_tracing("tests")


@pytest.fixture
def log_lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SafeFormatter("toy-svc"))
    logger = logging.getLogger("fascia")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.mark.parametrize("path", ["/v1/lamps", "/nothing", "/health/live", "/metrics", "/openapi.json"])
def test_every_answer_is_safe_for_browsers_and_caches(toy: Harness, path: str) -> None:
    headers = toy.as_("admin").get(path).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_https_is_made_to_stay(toy: Harness) -> None:
    assert "max-age" in toy.anonymous().get("/health/live", base_url="https://x").headers["Strict-Transport-Security"]
    proxied = toy.anonymous().get("/health/live", headers={"X-Forwarded-Proto": "https"})
    assert "max-age" in proxied.headers["Strict-Transport-Security"]


def test_a_page_may_have_a_policy_of_its_own(toy: Harness) -> None:
    assert toy.anonymous().post("/q/abc").headers["Content-Security-Policy"] == "default-src 'self'"


def test_a_sane_request_id_comes_back_and_another_is_replaced(toy: Harness) -> None:
    admin = toy.as_("admin")
    assert admin.get("/v1/lamps", headers={"X-Request-Id": "desk-0001"}).headers["X-Request-Id"] == "desk-0001"
    for strange in ("short", "a b c d e f", "x" * 81, "{{injected}}"):
        given = admin.get("/v1/lamps", headers={"X-Request-Id": strange}).headers["X-Request-Id"]
        assert given != strange
        assert len(given) == 36


def test_a_problem_names_the_request(toy: Harness) -> None:
    answer = toy.anonymous().get("/v1/lamps", headers={"X-Request-Id": "desk-0002"})
    assert answer.json["request_id"] == "desk-0002"


def test_health_tells_the_age_of_the_outbox_and_does_not_judge_it(toy: Harness) -> None:
    toy.as_("admin").post("/v1/lamps", {"name": "desk"})
    toy.clock.advance(timedelta(hours=2))
    answer = toy.anonymous().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json["outbox_age_seconds"] == pytest.approx(7200, abs=1)


def test_a_database_that_is_away_makes_the_process_unready_and_requests_repeatable(toy: Harness) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=50)
    away = dataclasses.replace(toy.runtime, client=client, database=client["away"])
    visitor = create_app(toy.service, away).test_client()
    assert visitor.get("/health/live").status_code == 200
    assert visitor.get("/health/ready").status_code == 503
    answer = visitor.post("/q/abc")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json is not None
    assert answer.json["code"] == "database-unavailable"
    client.close()


def test_requests_are_counted_by_route_and_never_by_path(toy: Harness) -> None:
    toy.as_("admin").put("/v1/lamps/patient-quux", {"name": "x"})
    toy.as_("admin").get("/v1/patient-quux")
    text = toy.anonymous().get("/metrics").text
    line = 'fascia_http_requests_total{method="PUT",route="/v1/lamps/<lamp_id>",service="toy-svc",status="428"}'
    assert line in text
    assert "fascia_http_request_seconds_bucket" in text
    assert "quux" not in text


def test_the_log_names_the_route_and_nothing_that_a_person_sent(
    toy: Harness, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    admin = toy.as_("admin", subject="person-quux")
    named = {"X-Request-Id": "desk-0003", "traceparent": CALLER}
    admin.put("/v1/lamps/patient-quux?phone=quux", {"name": "Mr quux"}, headers=named)
    (line,) = [line for line in log_lines() if line.get("request_id") == "desk-0003"]
    assert (line["method"], line["route"], line["status"]) == ("PUT", "/v1/lamps/<lamp_id>", 428)
    assert line["trace_id"] == TRACE
    assert line["service"] == "toy-svc"
    assert "quux" not in json.dumps(line)


def test_the_log_of_a_failure_names_places_and_not_values(
    toy: Harness, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    toy.as_("admin").post("/v1/broken")
    (line,) = [line for line in log_lines() if line["message"] == "request failed"]
    assert line["stack"].startswith("RuntimeError at ")
    assert "broken" in line["stack"]
    assert "Secret" not in json.dumps(line)


def test_health_checks_do_not_fill_the_log(toy: Harness, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    toy.anonymous().get("/health/live")
    assert log_lines() == []


def test_the_trace_of_a_request_goes_on_in_the_event_that_it_caused(toy: Harness) -> None:
    answer = toy.as_("admin").post("/v1/lamps", {"name": "desk"}, headers={"traceparent": CALLER})
    assert answer.headers["traceresponse"].split("-")[1] == TRACE
    (event,) = toy.published()
    assert event.traceparent is not None
    version, trace_id, span_id, _ = event.traceparent.split("-")
    assert (version, trace_id) == ("00", TRACE)
    assert span_id != CALLER.split("-")[2]


def test_the_handler_of_the_event_runs_in_the_same_trace(toy: Harness) -> None:
    toy.as_("admin").post("/v1/lamps", {"name": "desk"}, headers={"traceparent": CALLER})
    (event,) = toy.published()
    (row,) = toy.runtime.database["outbox"].find()
    toy.redeliver(Record(row["topic"], 0, 0, row["key"], row["value"], row["headers"]))
    handled = toy.runtime.reading("demo").collection("handled").find_one({"_id": event.id})
    assert handled is not None
    assert handled["trace_id"] == TRACE


def test_a_request_without_a_trace_starts_one(toy: Harness) -> None:
    answer = toy.as_("admin").post("/v1/lamps", {"name": "desk"}, headers={"traceparent": "nonsense"})
    (event,) = toy.published()
    assert event.traceparent is not None
    assert event.traceparent.split("-")[1] == answer.headers["traceresponse"].split("-")[1]


def opted_out(toy: Harness) -> tuple[str, dict[str, Any]]:
    return "contact.opted_out", {"patient_id": "p-1", "channel": "sms", "at": toy.clock.now()}


def test_a_request_waits_for_the_event_it_builds_on(toy: Harness) -> None:
    record = toy.event(*opted_out(toy))
    toy.redeliver(record)
    after = {"Fascia-After": f"contact.opted_out/{record.id}"}
    assert toy.as_("admin").get("/v1/lamps", headers=after).status_code == 200


def test_an_event_that_arrives_while_the_request_waits_is_enough(toy: Harness) -> None:
    record = toy.event(*opted_out(toy))
    timer = threading.Timer(0.3, toy.redeliver, [record])
    timer.start()
    started = time.monotonic()
    answer = toy.as_("admin").get("/v1/lamps", headers={"Fascia-After": f"contact.opted_out/{record.id}"})
    timer.join()
    assert answer.status_code == 200
    assert 0.25 < time.monotonic() - started < 0.95


def test_an_event_that_does_not_arrive_is_a_503_to_repeat(toy: Harness) -> None:
    started = time.monotonic()
    answer = toy.as_("admin").post(
        "/v1/lamps", {"name": "desk"}, headers={"Fascia-After": f"contact.opted_out/{new_id()}"}
    )
    assert 0.95 < time.monotonic() - started < 2
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert toy.as_("admin").get("/v1/lamps").json["items"] == []


def test_events_of_types_that_the_service_does_not_consume_are_not_waited_for(toy: Harness) -> None:
    after = {"Fascia-After": f"route.published/{new_id()}, something.new/{new_id()}"}
    started = time.monotonic()
    assert toy.as_("admin").get("/v1/lamps", headers=after).status_code == 200
    assert time.monotonic() - started < 0.5


@pytest.mark.parametrize("header", ["x", "contact.opted_out", "contact.opted_out/1", "a.b/", ",", "/"])
def test_a_fascia_after_that_names_no_event_is_refused(toy: Harness, header: str) -> None:
    answer = toy.as_("admin").get("/v1/lamps", headers={"Fascia-After": header})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "Fascia-After"


def test_the_interface_describes_itself(toy: Harness) -> None:
    document = toy.anonymous().get("/openapi.json").json
    assert document["openapi"].startswith("3.1")
    operation = document["paths"]["/v1/lamps"]["post"]
    assert operation["x-roles"] == ["admin", "therapist"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"Idempotency-Key", "Fascia-After"}
    change = document["paths"]["/v1/lamps/{lamp_id}"]["put"]
    assert "If-Match" in {parameter["name"] for parameter in change["parameters"]}
