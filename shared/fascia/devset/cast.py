"""Who acts in a chain: one REST client per service and role, all in one trace."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

from fascia.devset import issuing
from fascia.devset.rest import Rest
from fascia.web.principal import Role

T = TypeVar("T")
_POLL_SECONDS = 0.03


class NotSeenError(RuntimeError):
    """Something that should have happened was not seen in time."""


class Cast:
    """Clients of a running suite. `suite` is what suite.json holds."""

    def __init__(self, suite: dict[str, Any]) -> None:
        self._urls: dict[str, str] = suite["urls"]
        self._practice = suite["practice"]
        self._tokens: dict[tuple[Role, str | None], str] = {}
        self.trace_id = os.urandom(16).hex()
        self.catcher = Rest(self._urls["catcher"])

    def at(self, service: str, role: Role, subject: str | None = None) -> Rest:
        """A client of a service in a role; a therapist's subject is the therapist's id."""
        if (role, subject) not in self._tokens:
            self._tokens[role, subject] = issuing.token(self._urls["issuer"], role, self._practice, subject)
        return Rest(self._urls[service], self._tokens[role, subject], self.traceparent())

    def traceparent(self) -> str:
        """W3C trace context: whoever starts a chain names its trace, and every event of it carries that on."""
        return f"00-{self.trace_id}-{os.urandom(8).hex()}-01"

    def caught(self, to: str) -> list[dict[str, Any]]:
        """What the catcher holds for an address, newest first."""
        items: list[dict[str, Any]] = self.catcher.get("/api/messages", to=to).body["items"]
        return items


def seen(what: str, probe: Callable[[], T | None], seconds: float = 30.0) -> T:
    """Ask again and again until something is there; raises NotSeenError that says what was not."""
    end = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > end:
            raise NotSeenError(f"{what}: not seen within {seconds:.0f} s")
        time.sleep(_POLL_SECONDS)
