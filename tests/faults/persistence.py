"""Callers that do not give up: every write carries an Idempotency-Key and is repeated until it is answered."""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from fascia.devset import issuing
from fascia.devset.cast import Cast
from fascia.devset.rest import Answer, Rest, RestError
from fascia.web.principal import Role

T = TypeVar("T")
# No answer at all is told as status 0.
_AGAIN = (0, 500, 502, 503, 504)
_LONGEST_PAUSE = 1.5


class Patience:
    """Until when to repeat, shared by all callers; counts why they had to."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.repeats: Counter[str] = Counter()
        self._lock = threading.Lock()

    def over(self) -> bool:
        """Whether it has run out."""
        return time.monotonic() > self.until

    def note(self, why: str) -> None:
        """Count a repeat."""
        with self._lock:
            self.repeats[why] += 1

    def ask(self, attempt: Callable[[], T]) -> T:
        """Repeat while nobody answers, or an answer blames the server; raises RestError for others, or at the end."""
        pause = 0.1
        while True:
            try:
                return attempt()
            except RestError as error:
                if error.status not in _AGAIN or self.over():
                    raise
                self.note("no answer" if error.status == 0 else str(error.status))
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 1.6, _LONGEST_PAUSE)


class PersistentRest(Rest):
    """A client whose writes are safe to repeat, and repeated."""

    def __init__(self, base: str, token: str, traceparent: str, keys: Iterator[str], patience: Patience) -> None:
        super().__init__(base, token, traceparent)
        self._keys = keys
        self._patience = patience

    def _ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        after: Sequence[str | None] = (),
        key: str | None = None,
        **how: Any,
    ) -> Answer:
        if method != "GET" and key is None:
            key = next(self._keys)
        ask = super()._ask
        return self._patience.ask(lambda: ask(method, path, body, after=after, key=key, **how))

    def close(self) -> None:
        """Close its connections."""
        self._session.close()


class Tokens:
    """Tokens of the suite's issuer, fetched once each and shared."""

    def __init__(self, suite: dict[str, Any]) -> None:
        self._issuer: str = suite["urls"]["issuer"]
        self._practice: str = suite["practice"]
        self._known: dict[tuple[Role, str | None], str] = {}
        self._lock = threading.Lock()

    def of(self, role: Role, subject: str | None) -> str:
        """A token of a role."""
        with self._lock:
            if (role, subject) not in self._known:
                self._known[role, subject] = issuing.token(self._issuer, role, self._practice, subject)
            return self._known[role, subject]


class PersistentCast(Cast):
    """The actors of one chain. Their keys are derived from `name` and the number of the write: RUN/CHAIN/STEP."""

    def __init__(self, suite: dict[str, Any], name: str, patience: Patience, tokens: Tokens | None = None) -> None:
        super().__init__(suite)
        self.patience = patience
        self._addresses: dict[str, str] = suite["urls"]
        self._shared = tokens or Tokens(suite)
        self._keys = (f"{name}/{number}" for number in itertools.count(1))
        self._clients: dict[tuple[str, Role, str | None], PersistentRest] = {}

    def at(self, service: str, role: Role, subject: str | None = None) -> Rest:
        """A client of a service in a role, kept open."""
        known = self._clients.get((service, role, subject))
        if known is None:
            traceparent = f"00-{self.trace_id}-{os.urandom(8).hex()}-01"
            token = self._shared.of(role, subject)
            known = PersistentRest(self._addresses[service], token, traceparent, self._keys, self.patience)
            self._clients[service, role, subject] = known
        return known

    def close(self) -> None:
        """Close its connections."""
        for client in self._clients.values():
            client.close()
