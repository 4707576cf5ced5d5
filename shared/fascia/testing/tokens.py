"""An issuer for tests: one Ed25519 key, its JWKS in a file."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

ISSUER = "https://issuer.test"
AUDIENCE = "fascia"
_FAR_FUTURE = 4_000_000_000


class TestIssuer:
    """Signs tokens; services read its public key from a file."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._key = OKPKey.generate_key("Ed25519", {"kid": "test"})
        path = folder / "jwks.json"
        path.write_text(json.dumps({"keys": [self._key.as_dict(private=False)]}))
        self.jwks_url = path.as_uri()

    def token(self, roles: Sequence[str], practice_id: str, subject: str, **claims: Any) -> str:
        """A token that is good until long after any test; `claims` override its parts."""
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "practice_id": practice_id,
            "roles": list(roles),
            "iat": int(time.time()) - 10,
            "exp": _FAR_FUTURE,
            **claims,
        }
        return jwt.encode({"alg": "EdDSA", "kid": "test"}, payload, self._key, algorithms=["EdDSA"])
