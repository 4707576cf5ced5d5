"""The keys that seal personal data: AES-256-GCM, each blob naming the key that opens it, keys changing without a stop.

The keyring is a JSON file `{"active": "k2", "keys": {"k1": "<base64, 32 bytes>", "k2": ...}, "index_key": "<base64>"}`.
It is read again when it changes, and at once when a blob names a key that is not known yet: so a rotation first reaches
everybody who reads and only then everybody who writes, whatever the order in which processes notice.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import os
import re
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_RELOAD_SECONDS = 1.0
_log = logging.getLogger(__name__)


class SealError(ValueError):
    """A blob cannot be opened: unknown key, wrong context, or altered bytes."""


class KeyringUnreadable(OSError):
    """A blob names a key that the file may hold, but the file cannot be read now. Waiting or mending it helps."""


@dataclass(frozen=True)
class _Keys:
    active: str
    secrets: dict[str, bytes]
    index_key: bytes

    @staticmethod
    def parse(text: str) -> _Keys:
        try:
            document = json.loads(text)
            secrets = {name: base64.b64decode(value) for name, value in document["keys"].items()}
            keys = _Keys(document["active"], secrets, base64.b64decode(document["index_key"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError("a keyring is JSON with active, keys and index_key") from None
        if keys.active not in secrets or any(len(secret) != 32 for secret in secrets.values()):
            raise ValueError("the keyring's active key must be one of its keys, and each key 32 bytes")
        return keys


class Keyring:
    """Seals and opens; safe to share between threads."""

    def __init__(self, keys: _Keys, path: Path | None = None) -> None:
        self._keys = keys
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._checked_at = time.monotonic()
        self._lock = threading.Lock()

    @classmethod
    def from_file(cls, path: str | Path) -> Keyring:
        """Read a keyring file; raises OSError or ValueError."""
        return cls(_Keys.parse(Path(path).read_text()), Path(path))

    @classmethod
    def generate(cls) -> Keyring:
        """A keyring in memory with one fresh key."""
        return cls(_Keys.parse(new_keyring()))

    @property
    def active_key_id(self) -> str:
        """The key that seals now."""
        return self._current().active

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt; `context` is bound to the blob and must be the same when it is opened."""
        keys = self._current()
        key_id = keys.active.encode()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(keys.secrets[keys.active]).encrypt(nonce, plaintext, context.encode())
        return _FORMAT + bytes([len(key_id)]) + key_id + nonce + sealed

    def open(self, blob: bytes, context: str) -> bytes:
        """Decrypt what `seal` made; raises SealError."""
        key_id, nonce, sealed = _split(bytes(blob))
        try:
            return AESGCM(self._secret(key_id)).decrypt(nonce, sealed, context.encode())
        except InvalidTag:
            raise SealError("the sealed value was altered or belongs to another context") from None

    def seal_json(self, value: Any, context: str) -> bytes:
        """Encrypt a JSON value."""
        return self.seal(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(), context)

    def open_json(self, blob: bytes, context: str) -> Any:
        """Decrypt a JSON value; raises SealError."""
        return json.loads(self.open(blob, context))

    def blind_index(self, value: str) -> str:
        """A keyed hash by which an encrypted value can be found again when it is known in full."""
        return hmac.new(self._current().index_key, value.encode(), sha256).hexdigest()

    def derive(self, purpose: str, key_id: str | None = None) -> tuple[str, bytes]:
        """A key for another purpose than sealing (HKDF, RFC 5869), with the id of the key it comes from."""
        source = key_id or self.active_key_id
        derived = HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(self._secret(source))
        return source, derived

    def _secret(self, key_id: str) -> bytes:
        secret = self._current().secrets.get(key_id)
        if secret is None and not self._reload():
            raise KeyringUnreadable(f"the keyring's file cannot be read and may hold key {key_id!r}")
        secret = secret or self._keys.secrets.get(key_id)
        if secret is None:
            raise SealError(f"sealed with key {key_id!r}, which the keyring does not hold")
        return secret

    def _current(self) -> _Keys:
        if self._path and time.monotonic() - self._checked_at > _RELOAD_SECONDS:
            self._checked_at = time.monotonic()
            if self._file_stamp() != self._stamp:
                self._reload()
        return self._keys

    def _reload(self) -> bool:
        """Read the file; False when it cannot be read: the keys that were read last stay, and it is tried again."""
        with self._lock:
            if self._path is None:
                return True
            stamp = self._file_stamp()
            try:
                self._keys = _Keys.parse(self._path.read_text())
            except (OSError, ValueError) as error:
                _log.error("keyring cannot be read, the last keys stay", extra={"error": type(error).__name__})
                return False
            self._stamp = stamp
            return True

    def _file_stamp(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat() if self._path else None
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_ino) if stat else None


def key_id_of(blob: bytes) -> str:
    """Which key opens a sealed value."""
    return _split(bytes(blob))[0]


def _split(blob: bytes) -> tuple[str, bytes, bytes]:
    if len(blob) < 2 or blob[:1] != _FORMAT:
        raise SealError("not a sealed value")
    end = 2 + blob[1]
    if len(blob) < end + _NONCE_BYTES + _TAG_BYTES:
        raise SealError("a sealed value that was cut short")
    return blob[2:end].decode("ascii", "replace"), blob[end : end + _NONCE_BYTES], blob[end + _NONCE_BYTES :]


def new_keyring() -> str:
    """The text of a keyring file with one fresh key."""
    return json.dumps({"active": "k1", "keys": {"k1": _fresh_key()}, "index_key": _fresh_key()})


def add_key(text: str) -> tuple[str, str]:
    """A keyring's text with one more key, active from now on, and that key's id. Old keys stay: they still open."""
    document = json.loads(text)
    _Keys.parse(text)
    numbers = [int(name[1:]) for name in document["keys"] if re.fullmatch(r"k[0-9]+", name)]
    key_id = f"k{1 + max(numbers, default=0)}"
    document["keys"][key_id] = _fresh_key()
    document["active"] = key_id
    return json.dumps(document), key_id


def _fresh_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()
