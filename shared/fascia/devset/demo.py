"""`fascia demo`: plays the chain and shows each step, and each event as it travels."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from typing import Any

from fascia.devset.cast import Cast, NotSeenError, seen
from fascia.devset.chain import Chain
from fascia.devset.rest import RestError
from fascia.devset.tail import Seen, Tail

# What travels in one chain, at least this often.
EXPECTED = Counter(
    {
        "patient.registered": 1,
        "clearance.changed": 1,
        "evaluation.signed": 1,
        "prescription.activated": 1,
        "appointment.booked": 1,
        "route.published": 1,
        "appointment.progressed": 3,
        "appointment.completed": 1,
        "session.completed": 1,
        "outcome.scored": 3,
        "assessment.requested": 1,
        "message.sent": 3,
    }
)


class _Screen:
    """Two writers, one screen: steps from one thread, events from another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def line(self, text: str) -> None:
        """Print a line at once."""
        with self._lock:
            print(text, flush=True)

    def event(self, one: Seen, milliseconds: float | None) -> None:
        """An event, and how long after its cause it was written."""
        since = f"{milliseconds:5.0f} ms after its cause" if milliseconds is not None else "caused by a request"
        self.line(f"      ~ {one.type:<23} key {one.key:<36}  trace {one.trace_id[:8]}  {since}")


def play(suite: dict[str, Any]) -> int:
    """Play the chain on a running suite; 0 only when each step and each event was seen."""
    screen, cast = _Screen(), Cast(suite)
    screen.line(f"  trace {cast.trace_id}")
    begun = time.monotonic()
    try:
        with Tail(suite["kafka"], cast.trace_id, screen.event) as tail:
            chain = Chain(cast)
            for number, (title, act) in enumerate(chain.steps(), 1):
                screen.line(f"  {number:2d}  {title}")
                screen.line(f"      = {act()}")
            seen("every event of the chain", lambda: not _missing(tail), 15)
            count = len(tail.seen)
    except NotSeenError as error:
        missing = ", ".join(sorted(_missing(tail))) if "event" in str(error) else ""
        print(f"fascia demo: {error}" + (f": {missing}" if missing else ""), file=sys.stderr)
        return 1
    except RestError as error:
        print(f"fascia demo: {error}", file=sys.stderr)
        return 1
    screen.line(f"  {headline(chain)}")
    screen.line(f"  all {number} steps seen at their far end, {count} events, {time.monotonic() - begun:.1f} s")
    return 0


def headline(chain: Chain) -> str:
    """The chain in one line."""
    return f"session completed -> scored -> message delivered in {chain.now.delivered_after_ms:.0f} ms"


def _missing(tail: Tail) -> Counter[str]:
    return EXPECTED - Counter(tail.types())
