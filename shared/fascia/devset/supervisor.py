"""`fascia run`: starts the suite, fills it, looks after it until it is asked to stop, and stops all of it."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from types import FrameType

from fascia.devset.broker import BrokerMissingError
from fascia.devset.database import DatabaseMissingError
from fascia.devset.opening import open_suite, refresh_tokens
from fascia.devset.options import Options
from fascia.devset.ports import PortTakenError
from fascia.devset.processes import StartError
from fascia.devset.progress import Progress
from fascia.devset.rest import RestError
from fascia.devset.run_dir import InUseError
from fascia.devset.suite import Suite

_TICK_SECONDS = 0.1
# Half of what the issuer's tokens hold: a suite that runs for days keeps working ones in its folder.
_TOKEN_SECONDS = 6 * 3600
_REFUSALS = (InUseError, PortTakenError, StartError, BrokerMissingError, DatabaseMissingError, RestError)


class _Stop:
    """Whether somebody asked for the end. A second signal does not wait for politeness any more."""

    def __init__(self) -> None:
        self.asked = False
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.asked:
            # The reaper ends what still runs.
            sys.exit(128 + number)
        self.asked = True


def run(options: Options) -> int:
    """Run until SIGINT or SIGTERM (exit code 0), or until the demo was played; 1 when the start or the demo failed."""
    stop, progress = _Stop(), Progress()
    suite = Suite(options, progress, lambda: stop.asked)
    code = 0
    try:
        suite.start()
        code = open_suite(suite, lambda: stop.asked)
        if not options.exit_after_demo:
            _watch(suite, stop)
    except _REFUSALS as error:
        if not stop.asked:
            print(f"fascia: {error}", file=sys.stderr, flush=True)
            code = 1
    finally:
        _end(suite)
    return code


def _watch(suite: Suite, stop: _Stop) -> None:
    renew_at = time.monotonic() + _TOKEN_SECONDS
    while not stop.asked:
        suite.tick()
        if time.monotonic() > renew_at:
            # A service that is just being started again is no reason to end: the next tick asks again.
            with contextlib.suppress(RestError):
                refresh_tokens(suite)
                renew_at = time.monotonic() + _TOKEN_SECONDS
        time.sleep(_TICK_SECONDS)


def _end(suite: Suite) -> None:
    begun, ran = time.monotonic(), suite.started
    killed = suite.stop()
    if not ran:
        return
    detail = f"; had to be killed: {', '.join(killed)}" if killed else ""
    print(f"  stopped in {time.monotonic() - begun:.1f} s{detail}", flush=True)
