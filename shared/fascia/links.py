"""Signed, expiring links for people who have no account.

A token says which thing of which practice may be acted on until when. It carries ids only, nothing about a person, and
is bound to a purpose: a link that answers a questionnaire cannot cancel a visit. It is short, about 80 characters,
because it travels in text messages.

Layout before base64url: format (1 byte), key id, practice id (each with a length byte), subject kind (1), subject,
expiry (5 bytes, seconds since 1970), version (4 bytes), HMAC-SHA256 cut to 16 bytes (RFC 2104, section 5, allows half).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Protocol

from fascia.problem import Forbidden, Gone

QUESTIONNAIRE = "questionnaire"
"""Purpose of the link with which a patient answers an assessment; the subject is the assessment's id."""

PAY_STATEMENT = "pay-statement"
"""Purpose of the link with which a therapist reads a pay statement; the subject is the statement's id."""

ROUTE = "route"
"""Purpose of the link with which a therapist works through a day; the subject is the route, THERAPIST:YYYY-MM-DD."""

BOARD = "board"
"""Purpose of the link with which the desk looks at a day's board; the subject is the day, YYYY-MM-DD."""

_FORMAT = 1
_TEXT, _UUID = 0, 1
_MAC_BYTES = 16
_MAX_TOKEN = 1024


class KeySource(Protocol):
    """What a link needs of the keyring: a key for a purpose, from a named key or from the active one."""

    def derive(self, purpose: str, key_id: str | None = None) -> tuple[str, bytes]:
        """The id of the source key and 32 bytes derived from it; raises ValueError for a key it does not hold."""
        ...


@dataclass(frozen=True)
class Link:
    """What a genuine link stands for. `version` is the version of the subject that the link was made for."""

    subject: str
    practice_id: str
    expires_at: datetime
    version: int


def sign_link(
    keyring: KeySource, purpose: str, subject: str, practice_id: str, expires_at: datetime, version: int = 1
) -> str:
    """A token for a link's path; `expires_at` must be aware and is cut to whole seconds."""
    if expires_at.tzinfo is None:
        raise ValueError("a link's expiry must be an aware datetime")
    key_id, key = keyring.derive(_derivation(purpose))
    body = b"".join(
        (
            bytes((_FORMAT,)),
            _short(key_id.encode()),
            _short(practice_id.encode()),
            _pack_subject(subject),
            int(expires_at.timestamp()).to_bytes(5, "big"),
            version.to_bytes(4, "big"),
        )
    )
    return base64.urlsafe_b64encode(body + _mac(key, purpose, body)).rstrip(b"=").decode()


def read_link(keyring: KeySource, purpose: str, token: str, now: datetime) -> Link:
    """What a token stands for; raises Forbidden when it is not genuine and Gone when it has expired."""
    raw = _decode(token)
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    try:
        key_id, link = _unpack(body)
        _, key = keyring.derive(_derivation(purpose), key_id)
    except (ValueError, IndexError, OverflowError, StopIteration):
        raise _forged() from None
    if not hmac.compare_digest(mac, _mac(key, purpose, body)):
        raise _forged()
    if now >= link.expires_at:
        raise Gone("link-expired", "This link has expired.")
    return link


def _forged() -> Forbidden:
    return Forbidden("link-invalid", "This link is not valid. Open the whole link from the message that it came in.")


def _derivation(purpose: str) -> str:
    return f"fascia/link/{purpose}"


def _mac(key: bytes, purpose: str, body: bytes) -> bytes:
    return hmac.new(key, purpose.encode() + b"\0" + body, sha256).digest()[:_MAC_BYTES]


def _short(value: bytes) -> bytes:
    if not 0 < len(value) < 256:
        raise ValueError("a link's parts have 1 to 255 bytes")
    return bytes((len(value),)) + value


def _pack_subject(subject: str) -> bytes:
    try:
        known = uuid.UUID(subject)
    except ValueError:
        known = None
    if known is not None and str(known) == subject:
        return bytes((_UUID,)) + known.bytes
    return bytes((_TEXT,)) + _short(subject.encode())


def _decode(token: str) -> bytes:
    if not token.isascii() or not _MAC_BYTES < len(token) <= _MAX_TOKEN:
        raise _forged()
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise _forged() from None
    # Spare bits and stray characters would give one link several spellings.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise _forged()
    return raw


def _unpack(body: bytes) -> tuple[str, Link]:
    rest = iter(body)
    if next(rest) != _FORMAT:
        raise ValueError("unknown format")
    key_id = _take(rest, next(rest)).decode()
    practice_id = _take(rest, next(rest)).decode()
    kind = next(rest)
    if kind == _UUID:
        subject = str(uuid.UUID(bytes=_take(rest, 16)))
    elif kind == _TEXT:
        subject = _take(rest, next(rest)).decode()
    else:
        raise ValueError("unknown kind of subject")
    expires_at = datetime.fromtimestamp(int.from_bytes(_take(rest, 5), "big"), UTC)
    version = int.from_bytes(_take(rest, 4), "big")
    if next(rest, None) is not None:
        raise ValueError("something follows the link")
    return key_id, Link(subject, practice_id, expires_at, version)


def _take(rest: Iterator[int], count: int) -> bytes:
    taken = bytes(islice(rest, count))
    if len(taken) != count:
        raise ValueError("cut short")
    return taken
