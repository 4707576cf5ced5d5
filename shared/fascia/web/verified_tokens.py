"""Signatures that were checked: a token comes with every request of its short life, and need not be checked each time.

Kept under a digest of the token, never the token itself. What was checked with a key set counts as long as that is the
key set in use: one that was fetched anew, perhaps without a key that was withdrawn, starts from nothing. Issuer,
audience, times, practice and roles are not kept as "good": the reader judges the claims at every request.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Any

from joserfc.jwk import KeySet

Claims = dict[str, Any]
_MAX_TOKENS = 1_024


class VerifiedTokens:
    """The claims of the tokens seen last, by digest. Safe between threads."""

    def __init__(self, max_tokens: int = _MAX_TOKENS) -> None:
        self._max_tokens = max_tokens
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._claims: OrderedDict[bytes, Claims] = OrderedDict()

    def claims(self, token: str, keys: KeySet) -> Claims | None:
        """The claims of a token whose signature was checked with these very keys, or None."""
        digest = _digest(token)
        with self._lock:
            if keys is not self._keys or digest not in self._claims:
                return None
            self._claims.move_to_end(digest)
            return self._claims[digest]

    def keep(self, token: str, keys: KeySet, claims: Claims) -> None:
        """The signature holds by these keys."""
        digest = _digest(token)
        with self._lock:
            if keys is not self._keys:
                self._keys, self._claims = keys, OrderedDict()
            self._claims[digest] = claims
            while len(self._claims) > self._max_tokens:
                self._claims.popitem(last=False)

    def forget(self, token: str) -> None:
        """A token that holds no longer need not be kept."""
        with self._lock:
            self._claims.pop(_digest(token), None)

    def __len__(self) -> int:
        return len(self._claims)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
