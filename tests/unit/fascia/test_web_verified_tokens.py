"""A signature is checked once per token and key set; everything else about a token is judged every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from fascia.clock import FixedClock
from fascia.devset.issuer import jwks, mint, new_key
from fascia.web.jwks import MAX_AGE_SECONDS, KeySource
from fascia.web.tokens import LEEWAY_SECONDS, TokenReader, Unauthenticated
from fascia.web.verified_tokens import VerifiedTokens

ISSUER = "https://issuer.test"


class Reader:
    """A token reader whose clock and issuer a test moves, and which counts the signatures it checked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.key = new_key()
        self.published = [self.key]
        self.clock = FixedClock(datetime(2027, 1, 11, 14, tzinfo=UTC))
        self.checked = 0
        self.monotonic = 0.0
        source = KeySource(lambda: jwks(*self.published), monotonic=lambda: self.monotonic)
        self.reader = TokenReader(source, issuer=ISSUER, audience="fascia", clock=self.clock)
        decode = jwt.decode

        def counted(*args: Any, **options: Any) -> Any:
            self.checked += 1
            return decode(*args, **options)

        monkeypatch.setattr(jwt, "decode", counted)

    def token(self, key: Any = None) -> str:
        person = {"roles": ["admin"], "practice_id": "demo", "subject": "a", "issuer": ISSUER}
        return mint(key or self.key, now=self.clock.now(), **person)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(monkeypatch)


def test_the_signature_of_a_token_is_checked_once(reader: Reader) -> None:
    token = reader.token()
    assert {reader.reader.read(token).subject for _ in range(5)} == {"a"}
    assert reader.checked == 1


def test_a_known_token_expires_all_the_same(reader: Reader) -> None:
    token = reader.token()
    reader.reader.read(token)
    reader.clock.advance(timedelta(days=1, seconds=LEEWAY_SECONDS))
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="expired"):
            reader.reader.read(token)


def test_a_token_whose_key_was_withdrawn_is_not_remembered_as_good(reader: Reader) -> None:
    token = reader.token()
    reader.reader.read(token)
    reader.published = [new_key()]
    reader.monotonic += MAX_AGE_SECONDS + 1
    with pytest.raises(Unauthenticated, match="does not publish"):
        reader.reader.read(token)


def test_a_known_token_with_another_signature_is_another_token(reader: Reader) -> None:
    token = reader.token()
    reader.reader.read(token)
    head, body, _ = token.split(".")
    signature = reader.token(new_key()).split(".")[2]
    with pytest.raises(Unauthenticated):
        reader.reader.read(f"{head}.{body}.{signature}")


def test_a_token_that_was_refused_is_checked_again(reader: Reader) -> None:
    forged = reader.token(new_key())
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            reader.reader.read(forged)
    assert reader.checked >= 2


def test_no_token_is_kept_and_the_oldest_goes_first() -> None:
    kept, keys = VerifiedTokens(max_tokens=2), KeySet([new_key()])
    for number in range(3):
        kept.keep(f"token-{number}", keys, {"sub": str(number)})
    assert len(kept) == 2
    assert kept.claims("token-0", keys) is None
    assert kept.claims("token-2", keys) == {"sub": "2"}
    assert "token-" not in str(vars(kept))


def test_another_key_set_starts_from_nothing() -> None:
    kept, old, new = VerifiedTokens(), KeySet([new_key()]), KeySet([new_key()])
    kept.keep("token", old, {"sub": "a"})
    assert kept.claims("token", new) is None
    kept.keep("another", new, {"sub": "b"})
    assert kept.claims("token", new) is None
