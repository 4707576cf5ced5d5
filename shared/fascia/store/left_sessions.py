"""Sessions that dead processes left open.

A process that is killed inside a transaction leaves it open at the server: whatever it wrote stays locked until the
server gives the transaction up, a minute later or more. So a process writes its sessions down before it uses them, and
whoever starts on the same host ends the sessions of those that are no more. Ending one of a process that lives after
all would do no harm: its transaction is run again.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from fascia.ids import new_id

COLLECTION = "process_sessions"
# A process on another host is not looked at: there the server's own limit holds. What it wrote down is dropped later.
FORGOTTEN_AFTER = timedelta(days=30)
_TRIES = 30
# Several clients may live in one process, as they do in tests.
_ENTRIES_HERE: set[str] = set()
_log = logging.getLogger(__name__)


class OwnSessions:
    """What this process wrote down. One per database client."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._written = database[COLLECTION]
        self._entry = new_id()
        _ENTRIES_HERE.add(self._entry)
        self._known: set[bytes] = set()

    def note(self, session: ClientSession, now: datetime) -> None:
        """Write a session down before its first transaction. There are as many as threads use the database at once."""
        key = session.session_id["id"]
        if key in self._known:
            return
        entry = {"host": socket.gethostname(), "pid": os.getpid(), "noted_at": now}
        self._written.update_one(
            {"_id": self._entry}, {"$addToSet": {"sessions": key}, "$setOnInsert": entry}, upsert=True
        )
        self._known.add(key)

    def forget(self) -> None:
        """This process ends in order and leaves nothing open."""
        if self._known:
            self._written.delete_one({"_id": self._entry})
            self._known.clear()

    def end_left(self, now: datetime) -> int:
        """End the sessions of processes of this host that are gone; returns how many processes that were."""
        found = self._written.find({"host": socket.gethostname()})
        gone = [entry for entry in found if entry["_id"] not in _ENTRIES_HERE and _is_gone(entry["pid"])]
        for entry in gone:
            self._written.database.client.admin.command({"killSessions": [{"id": key} for key in entry["sessions"]]})
            self._written.delete_one({"_id": entry["_id"]})
        long_ago = {"host": {"$ne": socket.gethostname()}, "noted_at": {"$lt": now - FORGOTTEN_AFTER}}
        self._written.delete_many(long_ago)
        return len(gone)


def end_left_sessions(own: OwnSessions, now: Callable[[], datetime]) -> threading.Thread:
    """End them beside the start of the process, which does not wait for a database that is away."""

    def work() -> None:
        pause = threading.Event()
        for _ in range(_TRIES):
            try:
                if ended := own.end_left(now()):
                    _log.info("ended the sessions of processes that died", extra={"processes": ended})
                return
            except PyMongoError as error:
                _log.warning("sessions of dead processes not ended yet", extra={"error": type(error).__name__})
                pause.wait(1.0)

    thread = threading.Thread(target=work, name="left-sessions", daemon=True)
    thread.start()
    return thread


def _is_gone(pid: int) -> bool:
    """Also true for this process's own number: in a container the successor of a process often gets its number."""
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
