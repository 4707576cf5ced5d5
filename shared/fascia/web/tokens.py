"""Reading bearer tokens: JWTs signed with Ed25519 (RFC 8037, RFC 9864), checked by the injected clock."""

from __future__ import annotations

import warnings
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError, MissingClaimError

from fascia.clock import Clock
from fascia.problem import Problem
from fascia.web.jwks import KeySource
from fascia.web.principal import Principal, Role
from fascia.web.verified_tokens import VerifiedTokens

LEEWAY_SECONDS = 30
# RFC 9864 renames EdDSA with this curve to Ed25519; issuers send either. No other algorithm is ever accepted,
# which closes "none" and the confusion of a public key with an HMAC secret.
ALGORITHMS = ("EdDSA", "Ed25519")
MAX_TOKEN_CHARS = 8192

# joserfc warns at every token that says EdDSA; the choice is made above.
warnings.filterwarnings("ignore", message="EdDSA is deprecated")


class Unauthenticated(Problem):
    """401: no token, or one that does not hold."""

    status = 401

    def __init__(self, detail: str, *, error: str = "") -> None:
        super().__init__("unauthenticated", detail)
        self.challenge = f'Bearer error="{error}", error_description="{detail}"' if error else "Bearer"


class TokenReader:
    """Turns a token into a Principal; raises Unauthenticated with the reason that a caller can act on."""

    def __init__(self, keys: KeySource, *, issuer: str, audience: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._verified = VerifiedTokens()

    def read(self, token: str) -> Principal:
        """The caller that a token names."""
        claims = self._claims(token)
        subject, practice_id, roles = claims.get("sub"), claims.get("practice_id"), claims.get("roles")
        if not isinstance(practice_id, str) or not practice_id:
            raise _refused("The token has no practice_id claim.")
        if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            raise _refused("The token has no roles claim (a list of role names).")
        # A role that this build does not know gives nothing, rather than failing the caller's other roles.
        known = frozenset(Role(role) for role in roles if role in {*Role})
        return Principal(str(subject), practice_id, known)

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_CHARS:
            raise _refused("The token is too long.")
        try:
            claims = self._signed_claims(token)
            # "iat" is no reason to refuse (RFC 7519, 4.1.6): exp and nbf say when a token holds.
            self._registry().validate({name: value for name, value in claims.items() if name != "iat"})
        except ExpiredTokenError:
            self._verified.forget(token)
            raise _refused("The token has expired: get a new one.") from None
        except MissingClaimError as missing:
            raise _refused(f"The token lacks a claim: {missing.description}.") from None
        except InvalidKeyIdError:
            raise _refused("The token is signed with a key that the issuer does not publish.") from None
        except (JoseError, ValueError, TypeError) as refused:
            raise _refused(f"The token is not valid: {_why(refused)}.") from None
        return claims

    def _signed_claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that one of the issuer's keys has signed."""
        keys = self._keys.current()
        known = self._verified.claims(token, keys)
        if known is not None:
            return known
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except InvalidKeyIdError:
            keys = self._keys.refreshed()
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        self._verified.keep(token, keys, claims)
        return claims

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
        )


def _why(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    if claim == "aud":
        return "it was issued for another audience"
    if claim == "iss":
        return "it comes from another issuer"
    if claim == "nbf":
        return "it is not valid yet"
    reason = getattr(error, "error", "") or "it cannot be read"
    return str(reason).replace("_", " ")


def _refused(detail: str) -> Unauthenticated:
    return Unauthenticated(detail, error="invalid_token")
