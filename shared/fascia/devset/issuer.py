"""A tiny OIDC issuer for development and tests: it gives anybody any role, so it must never be reachable by others.

    python -m fascia.devset.issuer --port 8106 --data DIR

The signing key rests in the data folder, so tokens hold over a restart.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import OKPKey
from werkzeug.serving import make_server

from fascia.clock import SystemClock
from fascia.devset.ports import HOST
from fascia.ids import new_id
from fascia.web.principal import Role

AUDIENCE = "fascia"
DEFAULT_TTL = timedelta(hours=12)
NOTE = "development only: this issuer gives anybody any role"
_KEY_FILE = "issuer-key.json"


def new_key() -> OKPKey:
    """A fresh Ed25519 signing key whose id is its thumbprint (RFC 7638)."""
    return OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True, auto_kid=True)


def key_in(folder: Path) -> OKPKey:
    """The signing key that rests in a folder; made on first use, readable by its owner only."""
    path = folder / _KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{_KEY_FILE}.{os.getpid()}"
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(new_key().as_dict(private=True), file)
        partial.rename(path)
    return OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))


def jwks(*keys: OKPKey) -> dict[str, Any]:
    """The public half of keys as a JWKS document."""
    return {"keys": [{**key.as_dict(private=False), "alg": "Ed25519"} for key in keys]}


def mint(
    key: OKPKey,
    *,
    roles: Iterable[str],
    practice_id: str,
    subject: str,
    issuer: str,
    audience: str = AUDIENCE,
    ttl: timedelta = DEFAULT_TTL,
    now: datetime | None = None,
) -> str:
    """A signed token. `now` is for tests whose clock stands still; a negative `ttl` makes an expired one."""
    at = now or SystemClock().now()
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "practice_id": practice_id,
        "roles": [str(role) for role in roles],
        "iat": int(at.timestamp()),
        "exp": int((at + ttl).timestamp()),
        "jti": new_id(),
    }
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, claims, key, algorithms=["Ed25519"])


def create_app(key: OKPKey, issuer: str) -> Flask:
    """The issuer's pages: discovery, keys and tokens."""
    app = Flask("fascia-issuer", static_folder=None)

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Any:
        return jsonify(
            issuer=issuer,
            jwks_uri=f"{issuer}/jwks.json",
            token_endpoint=f"{issuer}/token",
            id_token_signing_alg_values_supported=["Ed25519"],
            response_types_supported=["token"],
            subject_types_supported=["public"],
            note=NOTE,
        )

    @app.get("/jwks.json")
    def keys() -> Any:
        return jsonify(jwks(key))

    @app.post("/token")
    def token() -> Any:
        wanted = request.get_json(silent=True)
        fault = _fault(wanted)
        if fault or not isinstance(wanted, dict):
            return jsonify(error="invalid_request", error_description=fault), 400
        role, practice_id = wanted["role"], wanted["practice_id"]
        subject = wanted.get("subject") or f"{role}-1"
        made = mint(key, roles=[role], practice_id=practice_id, subject=subject, issuer=issuer)
        return jsonify(access_token=made, token_type="Bearer", expires_in=int(DEFAULT_TTL.total_seconds()), note=NOTE)  # noqa: S106

    return app


def _fault(wanted: Any) -> str:
    if not isinstance(wanted, dict):
        return 'Send JSON: {"role": "dispatcher", "practice_id": "demo", "subject": "d-1"}.'
    if wanted.get("role") not in list(Role):
        return f"role must be one of: {', '.join(sorted(Role))}."
    if not isinstance(wanted.get("practice_id"), str) or not wanted["practice_id"]:
        return "practice_id must be a string."
    if not isinstance(wanted.get("subject", ""), str):
        return "subject must be a string."
    return ""


def main() -> None:
    """Serve until stopped, on the loopback address unless told otherwise."""
    parser = argparse.ArgumentParser(prog="python -m fascia.devset.issuer", description=__doc__)
    parser.add_argument("--port", type=int, default=8106)
    parser.add_argument("--data", type=Path, required=True, help="folder in which the signing key rests")
    parser.add_argument("--host", default=HOST, help="address to listen on; in a container it is another one")
    parser.add_argument("--issuer", help="name of the issuer in tokens, an address (default: http://HOST:PORT)")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    issuer = options.issuer or f"http://{options.host}:{options.port}"
    server = make_server(options.host, options.port, create_app(key_in(options.data), issuer), threaded=True)
    print(f"{issuer} ({NOTE})", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
