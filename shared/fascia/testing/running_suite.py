"""A whole suite as a user starts it: `fascia run` in a process of its own, watched from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# A user waits a minute; a busy test machine may need longer.
START_SECONDS = 180.0


class RunningSuite:
    """`fascia run` with some options, in a folder."""

    def __init__(self, folder: Path, *options: str, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._lines: list[str] = []
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FASCIA_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fascia.cli", "run", "--run-dir", str(folder), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**inherited, **(environ or {})},
            # Ctrl-C of the test run is not meant for it: the test stops it.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return "".join(self._lines)

    @property
    def description(self) -> dict[str, Any]:
        """What suite.json holds now."""
        described: dict[str, Any] = json.loads((self.folder / "suite.json").read_text())
        return described

    def wait_up(self) -> RunningSuite:
        """Wait for its last line; raises RuntimeError with what it printed when it ended before."""
        end = time.monotonic() + START_SECONDS
        while "Ctrl-C stops it" not in self.output:
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"the suite did not come up:\n{self.output}")
            time.sleep(0.05)
        return self

    def wait_ended(self, seconds: float = START_SECONDS) -> int:
        """Wait for its end; returns the exit code."""
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.wait_ended(90)

    def kill(self, name: str) -> int:
        """kill -9 one of its processes, by the name that suite.json gives it; returns the pid that died."""
        pid = self.description["processes"][name]
        os.kill(pid, signal.SIGKILL)
        return int(pid)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.append(line)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet collected does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:
        return not Path("/proc/self").exists()
    return state != "Z"
