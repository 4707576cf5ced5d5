"""The issuer's public keys: fetched once, cached, and fetched again when a token names a key not seen yet."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fascia.problem import Unavailable

log = logging.getLogger(__name__)

MAX_AGE_SECONDS = 3600.0
# Between two fetches: a stream of tokens with made-up key ids must not become a stream of calls to the issuer.
MIN_INTERVAL_SECONDS = 5.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
CONNECT_TIMEOUT, READ_TIMEOUT = 2.0, 3.0

Fetch = Callable[[], dict[str, Any]]


class KeySource:
    """A cached JWK set. `fetch` returns the JWKS document and raises OSError or ValueError when it can't."""

    def __init__(self, fetch: Fetch, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")

    def current(self) -> KeySet:
        """The keys; raises Unavailable when none could ever be fetched."""
        with self._lock:
            if self._keys is None or self._monotonic() - self._fetched_at > MAX_AGE_SECONDS:
                self._refresh()
            return self._known()

    def refreshed(self) -> KeySet:
        """The keys after a new fetch, unless the last try was a moment ago."""
        with self._lock:
            self._refresh()
            return self._known()

    def _refresh(self) -> None:
        now = self._monotonic()
        if now - self._tried_at < MIN_INTERVAL_SECONDS:
            return
        self._tried_at = now
        try:
            self._keys = KeySet.import_key_set(self._fetch())  # type: ignore[arg-type]
            self._fetched_at = now
        except (OSError, ValueError, KeyError, TypeError, JoseError) as failed:
            # Keys that were good a moment ago stay good: an issuer that is away must not lock everybody out.
            log.warning("signing keys could not be fetched", extra={"error_type": type(failed).__name__})

    def _known(self) -> KeySet:
        if self._keys is None:
            raise Unavailable("signing-keys-unavailable", "The issuer's signing keys cannot be reached.", retry_after=1)
        return self._keys


def from_url(jwks_url: str) -> KeySource:
    """Keys published at a JWKS address."""
    return KeySource(lambda: _get(jwks_url))


def from_issuer(issuer: str) -> KeySource:
    """Keys of an OIDC issuer, found by its discovery document."""
    discovery = issuer.rstrip("/") + "/.well-known/openid-configuration"
    return KeySource(lambda: _get(_get(discovery)["jwks_uri"]))


def from_file(path: Path) -> KeySource:
    """Keys in a file; it is read again when a token names a key that is not in it."""

    def read() -> dict[str, Any]:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise ValueError(f"{path} is not a JWKS document")
        return document

    return KeySource(read)


def _get(url: str) -> dict[str, Any]:
    with requests.Session() as session:
        # A proxy that the environment names cannot reach an issuer on this machine.
        session.trust_env = urlsplit(url).hostname not in _LOOPBACK
        answer = session.get(url, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), headers={"Accept": "application/json"})
        answer.raise_for_status()
        document = answer.json()
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document
