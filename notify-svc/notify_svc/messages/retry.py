"""When to try again after a provider failed."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

MAX_ATTEMPTS = 10
_DELAYS = (1.0, 3.0, 10.0, 30.0, 120.0, 300.0, 900.0, 1800.0, 3600.0)


def next_attempt(message_id: str, attempts: int, now: datetime, expires_at: datetime) -> datetime | None:
    """The moment of the next attempt after `attempts` failed ones; None when there is none.

    Spread by up to a quarter, so that messages that failed together do not come back together; the spread is taken from
    the id and the attempt, so that a rule stays a function of its arguments.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    delay = _DELAYS[min(attempts - 1, len(_DELAYS) - 1)]
    spread = hashlib.sha256(f"{message_id}:{attempts}".encode()).digest()[0] / 255 / 4
    at = now + timedelta(seconds=delay * (1 + spread))
    return at if at < expires_at else None
