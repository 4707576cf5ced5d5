"""The folder of one suite: its data, keys, logs and addresses, and the lock that keeps a second suite out."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from fascia.crypto.keyring import new_keyring

DEFAULT = Path(".run")
# How long a suite that was just killed may need until its reaper has ended all of it.
_LOCK_SECONDS = 12.0


class InUseError(RuntimeError):
    """Another suite runs in this folder."""


class NotRunningError(RuntimeError):
    """No suite runs in this folder."""


class RunDir:
    """Paths and small files. Everything in it is private to the user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "logs"
        self.database = self.folder / "db"
        self.catcher = self.folder / "catcher"
        self.issuer = self.folder / "issuer"
        self.keyring = self.folder / "keyring.json"
        self.suite = self.folder / "suite.json"
        self.tokens = self.folder / "tokens"
        self._lock: int | None = None

    def acquire(self) -> int:
        """Create and lock the folder; returns the lock's file descriptor. Raises InUseError with one clear line."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / "lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + _LOCK_SECONDS
        while not _locked(descriptor):
            holder = path.read_text().strip()
            if _is_alive(holder) or time.monotonic() > end:
                os.close(descriptor)
                raise InUseError(
                    f"a suite already runs in {self.folder} (process {holder or 'unknown'}): "
                    "stop it, or start this one with --run-dir DIR --free-ports"
                )
            time.sleep(0.2)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._lock = descriptor
        for folder in (self.logs, self.catcher, self.issuer):
            folder.mkdir(exist_ok=True)
        return descriptor

    def release(self) -> None:
        """Unlock, and say that nothing runs any more. Without the lock nothing: the folder is another suite's."""
        if self._lock is not None:
            self.suite.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def ensure_keyring(self) -> Path:
        """The keys that seal personal data: made once, since what they sealed stays in the database."""
        if not self.keyring.exists():
            write_private(self.keyring, new_keyring())
        return self.keyring

    def secret(self, name: str) -> str:
        """A secret of this folder, made up once."""
        path = self.folder / f"{name}.secret"
        if not path.exists():
            write_private(path, secrets.token_hex(16))
        return path.read_text().strip()

    def next_generation(self) -> str:
        """A number that was not used before: each embedded broker starts empty, so the outbox must be sent again."""
        path = self.folder / "broker-generation"
        generation = int(path.read_text()) + 1 if path.exists() else 1
        write_private(path, str(generation))
        return str(generation)

    def write_suite(self, description: dict[str, Any]) -> None:
        """Tell other commands where everything is."""
        write_private(self.suite, json.dumps(description, indent=1))

    def read_suite(self) -> dict[str, Any]:
        """What `write_suite` wrote; raises NotRunningError with one clear line."""
        try:
            description: dict[str, Any] = json.loads(self.suite.read_text())
        except FileNotFoundError:
            raise NotRunningError(f"no suite runs in {self.folder}: start one with `make run`") from None
        if not _is_alive(str(description["pid"])):
            raise NotRunningError(f"the suite in {self.folder} is gone (process {description['pid']}): `make run`")
        return description


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; whoever reads it sees the old text or the new, never a part."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
