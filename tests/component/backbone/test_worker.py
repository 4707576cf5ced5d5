"""The worker process, in a thread: it does its work, tells how it is, ends when it is asked to, and never lies dead."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from fascia.backbone import kafka
from fascia.backbone.relay import Relay
from fascia.ids import new_id
from fascia.runtime import Runtime, open_runtime
from fascia.service import Job, Service
from fascia.testing.backing import free_port
from fascia.worker import PartFailed, run_worker
from fascia.worker_health import serve_health

TYPE = "message.sent"
SOON = timedelta(milliseconds=100)


class Worker:
    """A worker in a thread, and how it ended."""

    def __init__(self, service: Service, settings: Any) -> None:
        self.stop = threading.Event()
        self.ended_by: Exception | None = None
        self.took = 0.0
        self._port = settings.worker_port
        self._service = service
        self._runtime = open_runtime(service.name, settings)
        self.thread = threading.Thread(target=self._run)

    def ask(self, path: str) -> tuple[int, Any]:
        return _ask(self._port, path)

    def end(self) -> None:
        asked = time.monotonic()
        self.stop.set()
        self.thread.join(40)
        self.took = time.monotonic() - asked

    def _run(self) -> None:
        try:
            run_worker(self._service, self._runtime, self.stop)
        except Exception as error:
            self.ended_by = error


def _ask(port: int, path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            code, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        code, text = error.code, error.read().decode()
    except OSError:
        return 0, None
    return code, json.loads(text) if text.startswith("{") else text


@contextmanager
def _working(probe: Any, *jobs: Job) -> Iterator[Worker]:
    service = Service(**{**probe.harness.service.__dict__, "jobs": jobs})
    settings = type(probe.harness.settings)(**{**probe.harness.settings.__dict__, "worker_port": free_port()})
    worker = Worker(service, settings)
    worker.thread.start()
    try:
        yield worker
    finally:
        worker.end()


def test_a_worker_relays_consumes_ticks_tells_and_stops_when_asked(
    probe_on_kafka: Any, until: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    probe, ticks, failures, key = probe_on_kafka, [], [], new_id()

    def fails(runtime: Runtime) -> None:
        failures.append(1)
        raise RuntimeError("Zebulon")

    def ticking(runtime: Runtime) -> None:
        ticks.append(runtime.service)

    with _working(probe, Job("fails", SOON, fails), Job("ticks", SOON, ticking)) as worker:
        until(lambda: worker.ask("/health/ready")[0] == 200)
        for sequence in (1, 2):
            probe.publish(key, sequence)
        until(lambda: probe.seen(key) == [1, 2])
        until(lambda: len(ticks) > 2 and len(failures) > 2)
        code, told = worker.ask("/health/ready")
        assert (code, told["parts"]) == (200, {"relay": True, "consumer": True, "database": True})
        assert told["service"] == probe.harness.service.name
        code, metrics = worker.ask("/metrics")
        assert code == 200
        assert "fascia_events_relayed_total" in metrics
        assert "Zebulon" not in metrics
        assert worker.ask("/")[0] == 404
    assert worker.ended_by is None
    assert worker.took < 10
    assert not worker.thread.is_alive()
    assert ticks[0] == probe.harness.service.name
    assert "job failed" in caplog.text
    assert "Zebulon" not in caplog.text
    # What it leaves behind lets another go on at once.
    probe.publish(key, 3)
    successor = Relay(probe.runtime)
    assert successor.step() == 1
    successor._close()


@pytest.fixture
def _quick_to_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker is away in these tests: attempts to reach it are short."""
    monkeypatch.setattr(kafka, "BOOTSTRAP_MS", 300)


@pytest.mark.usefixtures("_quick_to_give_up")
def test_a_worker_finishes_a_job_in_hand_before_it_ends(probe: Any, until: Callable[..., None]) -> None:
    began, done = threading.Event(), threading.Event()

    def long(runtime: Runtime) -> None:
        began.set()
        time.sleep(0.5)
        runtime.database["seen"].insert_one({"_id": "job"})
        done.set()

    with _working(probe, Job("long", timedelta(hours=1), long)) as worker:
        until(began.is_set)
    assert done.is_set()
    assert worker.ended_by is None
    assert probe.runtime.database["seen"].find_one({"_id": "job"})


@pytest.mark.usefixtures("_quick_to_give_up")
def test_a_worker_whose_part_fails_ends_with_an_error_instead_of_looking_alive(
    probe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Relay) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(Relay, "step", broken)
    with _working(probe) as worker:
        worker.thread.join(30)
        assert not worker.thread.is_alive(), "it must end by itself"
    assert isinstance(worker.ended_by, PartFailed)
    assert "relay" in str(worker.ended_by)


def test_a_broker_that_is_away_keeps_the_worker_alive_and_the_events_kept(
    probe: Any, until: Callable[..., None]
) -> None:
    with _working(probe) as worker:
        until(lambda: worker.ask("/health/live")[0] == 200)
        probe.publish("k", 1)
        time.sleep(0.5)
        assert worker.ask("/health/live")[0] == 200
        assert worker.thread.is_alive()
    assert worker.ended_by is None
    assert worker.took < 15, "an orchestrator kills it after 30 seconds"
    assert probe.outbox.count_pending() == 1


def test_a_dead_part_makes_the_worker_neither_live_nor_ready() -> None:
    parts, port = {"relay": True, "consumer": False}, free_port()
    answering: Any = SimpleNamespace(service="probe-svc", client=_client(answers=True))
    serve_health(answering, lambda: dict(parts), "127.0.0.1", port)
    assert _ask(port, "/health/live") == (503, {"service": "probe-svc", "parts": parts})
    assert _ask(port, "/health/ready")[0] == 503
    parts["consumer"] = True
    assert _ask(port, "/health/live")[0] == _ask(port, "/health/ready")[0] == 200


def test_a_database_that_is_away_makes_the_worker_unready_but_not_dead() -> None:
    port = free_port()
    runtime: Any = SimpleNamespace(service="probe-svc", client=_client(answers=False))
    serve_health(runtime, lambda: {"relay": True}, "127.0.0.1", port)
    assert _ask(port, "/health/live")[0] == 200
    code, told = _ask(port, "/health/ready")
    assert (code, told["parts"]) == (503, {"relay": True, "database": False})


def _client(answers: bool) -> Any:
    def command(name: str) -> None:
        if not answers:
            raise ServerSelectionTimeoutError("nobody answers")

    return SimpleNamespace(admin=SimpleNamespace(command=command))
