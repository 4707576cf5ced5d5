"""Backing services beside the suite, from the tools beside the project: three Kafka brokers and a fast database."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_TOOLS = Path(os.environ.get("FASCIA_TOOLS") or Path(__file__).parents[2].parent / "shared" / "tools")
_START_SECONDS = 180.0


def tool(name: str, *needs: str) -> str:
    """A tool's path; skips the test, and says why, where it or what it needs is not there."""
    path = _TOOLS / name
    missing = [need for need in (str(path), *needs) if shutil.which(need) is None]
    if missing:
        pytest.skip(f"NOT RUN: {', '.join(missing)} not found (FASCIA_TOOLS names the folder of the tools)")
    return str(path)


class Brokers:
    """Three Apache Kafka brokers; every topic has a copy on each."""

    COUNT = 3

    def __init__(self, folder: Path) -> None:
        self._tool = tool("kafka", "java", "mvn")
        self._folder = folder
        self.bootstrap = ""

    def start(self) -> None:
        """Start all three."""
        started = _run(self._tool, "up", "--dir", str(self._folder), "--brokers", str(self.COUNT))
        self.bootstrap = json.loads(started.splitlines()[-1])["bootstrap"]

    def stop(self) -> None:
        """Stop all three and remove what they kept."""
        _run(self._tool, "down", "--dir", str(self._folder))

    def restart(self, number: int, down_seconds: float) -> bool:
        """Kill one broker (1 to 3) with -9, which moves the partitions that it led, and start it again."""
        _run(self._tool, "kill", "--dir", str(self._folder), "--broker", str(number))
        time.sleep(down_seconds)
        _run(self._tool, "start", "--dir", str(self._folder), "--broker", str(number))
        return True

    def in_turn(self, count: int, down_seconds: float = 5.0) -> list[Callable[[], bool]]:
        """Strikes at one broker after the other."""
        return [lambda number=1 + turn % self.COUNT: self.restart(number, down_seconds) for turn in range(count)]


class FastDatabase:
    """secantusd-rs, which syncs on commit."""

    def __init__(self, folder: Path) -> None:
        self._tool = tool("mongo-fast", "cargo")
        self._folder = folder
        self._pid = 0
        self.uri = ""

    def start(self) -> None:
        """Start it, on the data and on the port that it had before."""
        port = ("--port", self.uri.split(":")[2].split("/")[0]) if self.uri else ()
        told = json.loads(_run(self._tool, "up", "--dir", str(self._folder / "data"), *port).splitlines()[-1])
        self.uri, self._pid = told["uri"], told["pid"]

    def stop(self) -> None:
        """End it."""
        self._end(signal.SIGTERM)

    def restart(self) -> bool:
        """Kill it with -9 and start it again."""
        self._end(signal.SIGKILL)
        self.start()
        return True

    def _end(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, number)
        end = time.monotonic() + 15
        while _is_alive(self._pid) and time.monotonic() < end:
            time.sleep(0.05)


@contextlib.contextmanager
def brokers(folder: Path) -> Iterator[Brokers]:
    """Three brokers for the length of a test."""
    running = Brokers(folder)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@contextlib.contextmanager
def fast_database(folder: Path) -> Iterator[FastDatabase]:
    """A fast database for the length of a test."""
    folder.mkdir(parents=True, exist_ok=True)
    running = FastDatabase(folder)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def _run(*command: str) -> str:
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_START_SECONDS, check=False
    )
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{ended.stderr[-2000:]}")
    return ended.stdout


def _is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")
