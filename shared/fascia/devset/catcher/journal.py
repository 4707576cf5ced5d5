"""The catcher's memory: an append-only file of JSON lines that survives a restart and a kill."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from fascia.devset.catcher.caught import Caught


class Journal:
    """All caught messages, oldest first. A message is on disk (fsync) before its sender is told that it was taken."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "caught.jsonl"
        self._lock = threading.Lock()
        self._messages: dict[str, Caught] = {}
        self._by_address: dict[str, list[str]] = {}
        self._read()
        self._file = self._path.open("ab")

    def add(self, message: Caught) -> None:
        """Keep a message; returns when it is on disk."""
        with self._lock:
            self._write({"entry": "message", **message.as_json()})
            self._remember(message)

    def set_status(self, message_id: str, status: str, *, callback_done: bool) -> Caught:
        """Record what became of a message."""
        with self._lock:
            changed = self._messages[message_id].with_status(status, callback_done=callback_done)
            self._write({"entry": "status", "id": message_id, "status": status, "callback_done": callback_done})
            self._messages[message_id] = changed
            return changed

    def get(self, message_id: str) -> Caught | None:
        """One message by its id, which for an SMS is its sid."""
        return self._messages.get(message_id)

    def newest_first(self, where: Callable[[Caught], bool] | None = None, *, to: str | None = None) -> list[Caught]:
        """Messages that match; `to` narrows by exact address first, without looking at the others."""
        with self._lock:
            ids: Iterable[str] = list(self._messages) if to is None else list(self._by_address.get(to, ()))
            known = [self._messages[message_id] for message_id in ids]
        return [message for message in reversed(known) if where is None or where(message)]

    def close(self) -> None:
        """Close the file; everything in it is on disk already."""
        self._file.close()

    def _remember(self, message: Caught) -> None:
        self._messages[message.id] = message
        self._by_address.setdefault(message.to, []).append(message.id)

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self) -> None:
        if not self._path.exists():
            return
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            # A kill in the middle of a write: nobody was told that this one was taken, so it never happened.
            with self._path.open("r+b") as file:
                file.truncate(whole)
        for line in content[:whole].splitlines():
            entry = json.loads(line)
            if entry.pop("entry") == "message":
                self._remember(Caught(**entry))
            else:
                known = self._messages[entry["id"]]
                self._messages[known.id] = known.with_status(entry["status"], callback_done=entry["callback_done"])
