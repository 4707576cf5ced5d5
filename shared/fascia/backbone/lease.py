"""Leases: one process at a time does a job, and a process that lost its lease finds out before it acts."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def process_name() -> str:
    """A name for this process that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


class Lease:
    """A named lease with an epoch. The epoch rises with every holder, so an old holder's renewal matches nothing."""

    def __init__(self, database: Database[dict[str, Any]], name: str, owner: str, length: timedelta) -> None:
        self._leases = database["leases"]
        self._name = name
        self._owner = owner
        self._length = length
        self._renewed_at = _LONG_AGO
        self.epoch: int | None = None

    def hold(self, now: datetime) -> bool:
        """Renew the lease, or take it if it is free; False when another process has it.

        In its first third a lease is not written again: nobody can take it before it expires, and an idle holder
        should not cost the database a write for every look.
        """
        if self.epoch is not None and timedelta(0) <= now - self._renewed_at < self._length / 3:
            return True
        expires_at = now + self._length
        held = self._renew(expires_at) or self._take(now, expires_at)
        self._renewed_at = now if held else _LONG_AGO
        return held

    def _renew(self, expires_at: datetime) -> bool:
        if self.epoch is None:
            return False
        mine = {"_id": self._name, "owner": self._owner, "epoch": self.epoch}
        if self._leases.update_one(mine, {"$set": {"expires_at": expires_at}}).matched_count:
            return True
        self.epoch = None
        return False

    def release(self) -> None:
        """Let another process take over at once."""
        if self.epoch is not None:
            mine = {"_id": self._name, "owner": self._owner, "epoch": self.epoch}
            self._leases.update_one(mine, {"$set": {"expires_at": _LONG_AGO}})
            self.epoch = None

    def _take(self, now: datetime, expires_at: datetime) -> bool:
        current = self._leases.find_one({"_id": self._name})
        if current is None:
            try:
                self._leases.insert_one({"_id": self._name, "owner": self._owner, "epoch": 1, "expires_at": expires_at})
            except DuplicateKeyError:
                return False
            self.epoch = 1
            return True
        if current["expires_at"] > now:
            return False
        taken = self._leases.update_one(
            # The holder may have renewed it since it was read here.
            {"_id": self._name, "epoch": current["epoch"], "expires_at": current["expires_at"]},
            {"$set": {"owner": self._owner, "epoch": current["epoch"] + 1, "expires_at": expires_at}},
        )
        self.epoch = current["epoch"] + 1 if taken.matched_count else None
        return self.epoch is not None
