"""A suite of its own for a fault test: `fascia run` on free ports, in a folder of the test."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START_SECONDS = 120.0
STOP_SECONDS = 60.0


class RunningSuite:
    """The suite's process and its run folder."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self._process = process

    @property
    def pid(self) -> int:
        """The supervisor's."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the supervisor runs; it is never killed by these tests."""
        return self._process.poll() is None

    def description(self) -> dict[str, Any]:
        """What suite.json says at this moment: addresses, and the pid of each process (null while it is dead)."""
        found: dict[str, Any] = json.loads((self.folder / "suite.json").read_text())
        return found

    def secret(self, name: str) -> str:
        """A secret of the run folder, such as the SMS provider's token."""
        return (self.folder / f"{name}.secret").read_text().strip()

    def said(self, lines: int = 30) -> str:
        """The end of what the supervisor printed."""
        return "\n".join((self.folder / "suite.out").read_text(errors="replace").splitlines()[-lines:])


@contextlib.contextmanager
def running_suite(folder: Path, *options: str) -> Iterator[RunningSuite]:
    """Start a suite without the demo practice; stop it at the end, whatever happened."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "fascia.cli", "run", "--run-dir", str(folder), "--free-ports", "--no-demo"]
    # Which broker and which database is the test's choice, not the shell's: it is going to kill them.
    environment = {name: value for name, value in os.environ.items() if name not in ("KAFKA_BOOTSTRAP", "MONGODB_URI")}
    with (folder / "suite.out").open("wb") as out:
        process = subprocess.Popen(
            [*command, *options], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment
        )
    suite = RunningSuite(folder, process)
    try:
        _wait_until_open(suite)
        yield suite
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()  # its reaper ends the rest
            process.wait()


def _wait_until_open(suite: RunningSuite) -> None:
    end = time.monotonic() + START_SECONDS
    # It is written when everything answers.
    while not (suite.folder / "suite.json").exists():
        if not suite.alive or time.monotonic() > end:
            raise RuntimeError(f"the suite did not start:\n{suite.said()}")
        time.sleep(0.1)
