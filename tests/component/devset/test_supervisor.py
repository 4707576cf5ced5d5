"""The supervisor with the real services: what dies comes back, what stops stops, a start that cannot be says why."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from fascia.testing.running_suite import RunningSuite, is_alive

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(300)]

# These are about the embedded broker and database, whatever else the tests run on.
EMBEDDED = {"KAFKA_BOOTSTRAP": "", "MONGODB_URI": ""}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    folder = tmp_path_factory.mktemp("suite") / "run"
    running = RunningSuite(folder, "--free-ports", "--no-demo", environ=EMBEDDED).wait_up()
    yield running
    running.stop()


def wait(what: str, condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.1)


def all_ready(suite: RunningSuite) -> bool:
    described = suite.description
    urls = [described["urls"][name] for name in described["workers"]] + list(described["workers"].values())
    try:
        return all(requests.get(f"{url}/health/ready", timeout=3).ok for url in urls)
    except requests.RequestException:
        return False


@pytest.mark.parametrize("name", ["records web", "notify worker", "catcher", "issuer", "database"])
def test_what_is_killed_comes_back(suite: RunningSuite, name: str) -> None:
    dead = suite.kill(name)
    wait(f"{name} starts again", lambda: suite.description["processes"][name] not in (None, dead))
    wait("everything is ready", lambda: all_ready(suite))
    assert f"{name} died (SIGKILL)" in suite.output


def test_a_broker_that_died_is_replaced_under_a_new_generation(suite: RunningSuite) -> None:
    before = suite.description
    dead = suite.kill("broker")
    wait("a new broker", lambda: suite.description["generation"] != before["generation"])
    wait("everything is ready", lambda: all_ready(suite))
    after = suite.description
    assert after["processes"]["broker"] not in (None, dead)
    # The workers join the new broker under new groups; the web processes have nothing to do with it and stay up.
    for service in ("scheduling", "records", "outcomes", "notify"):
        assert after["processes"][f"{service} worker"] != before["processes"][f"{service} worker"]
        assert after["processes"][f"{service} web"] == before["processes"][f"{service} web"]


def test_a_demo_that_cannot_be_played_fails_and_says_where(suite: RunningSuite) -> None:
    command = [sys.executable, "-m", "fascia.cli", "demo", "--run-dir", str(suite.folder)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert shown.returncode == 1
    assert shown.stderr.startswith("fascia demo: ")
    assert "a therapist who offers massage-60 at home: not seen" in shown.stderr


def test_a_second_start_in_the_same_folder_says_so_and_harms_nothing(suite: RunningSuite) -> None:
    second = RunningSuite(suite.folder, "--free-ports", "--no-demo", environ=EMBEDDED)
    assert second.wait_ended() == 1
    assert second.output.count("\n") == 1
    assert "already runs in" in second.output
    assert all_ready(suite)


def _base_of_free_ports() -> int:
    """Below the ports that systems hand out by themselves, where no neighbour is taken by chance."""
    for base in range(20_000, 30_000, 200):
        try:
            for port in range(base, base + 120):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise AssertionError("no free ports")


def test_a_taken_port_is_named_in_one_line(tmp_path: Path) -> None:
    base = _base_of_free_ports()
    with socket.socket() as stranger:
        # The port of the first web process is the base and one.
        port = base + 1
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        suite = RunningSuite(tmp_path / "run", "--port-base", str(base), "--no-demo", environ=EMBEDDED)
        assert suite.wait_ended() == 1
    assert suite.output.count("\n") == 1
    assert f"port {port} (scheduling web) is taken by another program" in suite.output


def test_a_supervisor_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    suite = RunningSuite(tmp_path / "run", "--free-ports", "--no-demo", environ=EMBEDDED).wait_up()
    pids = list(suite.description["processes"].values())
    assert len(pids) == 12
    os.kill(suite.process.pid, signal.SIGKILL)
    suite.process.wait()
    wait("all processes end", lambda: not any(is_alive(pid) for pid in pids), 20)
