"""Ends what a killed supervisor left behind. It runs beside the suite and does nothing until the supervisor is gone.

Read from standard input: `+GROUP NAME` when a process group starts, `-GROUP` when it has ended. The end of the input
means that the supervisor died (a pipe closes whatever kills its holder, on every Unix), so every group that is still
listed is asked to stop and, after some seconds, killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 5.0


def groups_left(lines: Iterable[str]) -> list[int]:
    """The process groups that were started and not ended, in order."""
    left: dict[int, None] = {}
    for line in lines:
        sign, group = line[:1], line[1:].split()[:1]
        if not group:
            continue
        if sign == "+":
            left[int(group[0])] = None
        else:
            left.pop(int(group[0]), None)
    return list(left)


def end_groups(groups: list[int], grace: float = GRACE_SECONDS) -> None:
    """Ask each group to stop, wait, and kill what stays."""
    for group in groups:
        _signal(group, signal.SIGTERM)
    end = time.monotonic() + grace
    while time.monotonic() < end and any(_signal(group, 0) for group in groups):
        time.sleep(0.1)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


def main() -> int:
    """Wait for the supervisor's end."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    end_groups(groups_left(sys.stdin))
    return 0


if __name__ == "__main__":
    sys.exit(main())
