"""Identifiers: UUID version 7 (RFC 9562), so that ids sort by the time they were made.

What is computed from events has a derived id instead: computed again, by a replay or in another order, it is the same.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid

_lock = threading.Lock()
_last_tick = 0


def new_id() -> str:
    """A new UUIDv7 as text. Ids of one process increase strictly, also within a millisecond.

    The 12 bits after the milliseconds are a counter in 1/4096 ms (RFC 9562, section 6.2, method 3).
    """
    global _last_tick
    with _lock:
        tick = max(time.time_ns() * 4096 // 1_000_000, _last_tick + 1)
        _last_tick = tick
    milliseconds, fraction = divmod(tick, 4096)
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random))


def derived_id(origin: str, *parts: str) -> str:
    """The one id of what follows from `origin` (an id) and `parts`: a UUIDv8, RFC 9562 section 5.8.

    It begins with the 48-bit time of `origin` where that is a UUIDv7 or UUIDv8, so that derived ids sort as their
    origins do; all other bits are of a SHA-256 over origin and parts.
    """
    digest = hashlib.sha256(
        b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in (origin, *parts))
    )
    value = int.from_bytes(digest.digest()[:16], "big")
    began = _time_of(origin)
    if began is not None:
        value = began << 80 | value & ((1 << 80) - 1)
    value = value & ~(0xF << 76) | 0x8 << 76
    return str(uuid.UUID(int=value & ~(0b11 << 62) | 0b10 << 62))


def _time_of(origin: str) -> int | None:
    try:
        known = uuid.UUID(origin)
    except ValueError:
        return None
    return known.int >> 80 if known.version in (7, 8) else None
