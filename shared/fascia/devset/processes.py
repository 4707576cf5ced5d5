"""A process of the embedded set: started in a group of its own, watched, stopped, started again when it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fascia.devset.ports import wait_until_free

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 20.0


class StartError(RuntimeError):
    """A process did not come up; the message holds the end of its log."""


@dataclass(frozen=True)
class Program:
    """What to run. `ports` must be free before; `ready` is asked until it says yes and may raise OSError."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    ready: Callable[[], bool] = lambda: True
    ready_seconds: float = 60.0


class Reaper:
    """The supervisor's end of the pipe to `reaper.py`. `keep` are file descriptors that live as long as it does."""

    def __init__(self, keep: tuple[int, ...] = ()) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fascia.devset.reaper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=keep,
            text=True,
        )

    def started(self, group: int, name: str) -> None:
        """A process group to end if the supervisor cannot."""
        self._tell(f"+{group} {name}")

    def ended(self, group: int) -> None:
        """A process group that is gone; its number may belong to somebody else from now on."""
        self._tell(f"-{group}")

    def close(self) -> None:
        """Everything was ended properly."""
        with contextlib.suppress(OSError):
            self._process.communicate(timeout=10)

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a reaper that is gone is no reason to stop the suite
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


class Child:
    """One running program and its history of deaths."""

    def __init__(self, program: Program, reaper: Reaper) -> None:
        self.program = program
        self.restarts = 0
        self.restart_at: float | None = None
        self._reaper = reaper
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause = FIRST_PAUSE_SECONDS

    @property
    def name(self) -> str:
        """What it is called in messages and logs."""
        return self.program.name

    @property
    def pid(self) -> int | None:
        """The process id, which is also its group's; None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it; raises StartError when a port of it does not become free."""
        for port in self.program.ports:
            if not wait_until_free(port, 5):
                raise StartError(f"{self.name}: port {port} is taken by another program")
        self.program.log.parent.mkdir(parents=True, exist_ok=True)
        with self.program.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the suite's own programs
                list(self.program.argv),
                env=dict(self.program.env) or None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._reaper.started(self._process.pid, self.name)
        self._started_at = time.monotonic()
        self.restart_at = None

    def is_ready(self) -> bool:
        """Whether it answers, and is itself the one that answers; raises StartError when it died."""
        if self.pid is None:
            raise StartError(f"{self.name} ended with code {self._code()}:\n{self.log_end()}")
        with contextlib.suppress(OSError):
            return self.program.ready() and self.pid is not None
        return False

    def wait_ready(self, stopping: Callable[[], bool] = lambda: False) -> float:
        """Wait until it answers; returns the seconds since its start. Raises StartError."""
        end = time.monotonic() + self.program.ready_seconds
        while not self.is_ready():
            if stopping():
                raise StartError("stopped while starting")
            if time.monotonic() > end:
                raise StartError(
                    f"{self.name} is not ready after {self.program.ready_seconds:.0f} s:\n{self.log_end()}"
                )
            time.sleep(0.05)
        return time.monotonic() - self._started_at

    def revive(self, now: float) -> str | None:
        """Start it again if it died and its pause is over. Returns a line for people when there is news."""
        if self.pid is not None:
            if now - self._started_at > STEADY_SECONDS:
                self._pause = FIRST_PAUSE_SECONDS
            return None
        if self.restart_at is None:
            code = self._code()
            self.forget()
            self.restart_at = now + self._pause
            return f"{self.name} died ({code}): starting it again in {self._pause:.1f} s, see {self.program.log}"
        if now < self.restart_at:
            return None
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        self.restarts += 1
        self.start()
        return None

    def ask_to_stop(self) -> None:
        """SIGTERM to the process itself: what it started is its own to end."""
        if self._process and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def wait_stopped(self, seconds: float) -> bool:
        """Wait for the end, then kill. False when it had to be killed."""
        if self._process is None:
            return True
        polite = True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            polite = False
        self.forget()
        return polite

    def forget(self) -> None:
        """Kill what is left of its group, such as the workers of a killed server."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reaper.ended(self._process.pid)
        self._process = None

    def log_end(self, lines: int = 12) -> str:
        """The last lines that it wrote."""
        try:
            text = self.program.log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])

    def _code(self) -> str:
        code = self.exit_code
        if code is not None and code < 0:
            return signal.Signals(-code).name
        return f"exit code {code}"


def stop_all(children: Sequence[Child], seconds: float) -> list[str]:
    """Stop some processes together; returns the names of those that had to be killed."""
    for child in children:
        child.ask_to_stop()
    end = time.monotonic() + seconds
    return [child.name for child in children if not child.wait_stopped(max(0.1, end - time.monotonic()))]
