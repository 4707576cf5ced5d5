"""Signing keys: cached, found again after a rotation, and never a way to make the service call the issuer at will."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from fascia.clock import FixedClock
from fascia.devset.issuer import create_app, jwks, key_in, mint, new_key
from fascia.problem import Unavailable
from fascia.testing.backing import free_port
from fascia.web import jwks as key_sources
from fascia.web.jwks import MAX_AGE_SECONDS, MIN_INTERVAL_SECONDS, KeySource
from fascia.web.principal import Role
from fascia.web.tokens import TokenReader, Unauthenticated

ISSUER = "https://issuer.test"
CLOCK = FixedClock(datetime(2027, 1, 11, 14, tzinfo=UTC))


class Issuer:
    """Publishes what it is told to and counts how often it is asked."""

    def __init__(self, *keys: Any) -> None:
        self.keys = keys
        self.asked = 0
        self.away = False
        self.time = 0.0

    def fetch(self) -> dict[str, Any]:
        self.asked += 1
        if self.away:
            raise OSError("no route")
        return jwks(*self.keys)

    def reader(self) -> TokenReader:
        source = KeySource(self.fetch, monotonic=lambda: self.time)
        return TokenReader(source, issuer=ISSUER, audience="fascia", clock=CLOCK)


def token(key: Any, **changes: Any) -> str:
    given = {"roles": ["admin"], "practice_id": "demo", "subject": "a", "issuer": ISSUER, "now": CLOCK.now()}
    return mint(key, **{**given, **changes})


def test_a_token_names_subject_practice_and_roles() -> None:
    key = new_key()
    principal = Issuer(key).reader().read(token(key, roles=["therapist", "admin"], subject="t-1"))
    assert (principal.subject, principal.practice_id) == ("t-1", "demo")
    assert principal.roles == {Role.THERAPIST, Role.ADMIN}
    assert principal.has(Role.OWNER, Role.ADMIN)
    assert not principal.has(Role.OWNER)


def test_the_issuer_is_asked_once_for_many_tokens() -> None:
    key = new_key()
    issuer = Issuer(key)
    reader = issuer.reader()
    for _ in range(5):
        reader.read(token(key))
    assert issuer.asked == 1


def test_a_new_key_is_found_when_the_first_token_names_it() -> None:
    old, new = new_key(), new_key()
    issuer = Issuer(old)
    reader = issuer.reader()
    reader.read(token(old))
    issuer.keys = (old, new)
    issuer.time += MIN_INTERVAL_SECONDS
    assert reader.read(token(new)).subject == "a"
    assert issuer.asked == 2


def test_made_up_keys_do_not_make_the_service_call_the_issuer_at_will() -> None:
    issuer = Issuer(new_key())
    reader = issuer.reader()
    for _ in range(20):
        with pytest.raises(Unauthenticated, match="does not publish"):
            reader.read(token(new_key()))
    assert issuer.asked == 1


def test_keys_are_asked_for_again_after_an_hour_so_that_a_withdrawn_one_ends() -> None:
    withdrawn, other = new_key(), new_key()
    issuer = Issuer(withdrawn)
    reader = issuer.reader()
    reader.read(token(withdrawn))
    issuer.keys = (other,)
    issuer.time += MAX_AGE_SECONDS + 1
    with pytest.raises(Unauthenticated):
        reader.read(token(withdrawn))


def test_an_issuer_that_is_away_does_not_lock_out_those_whose_keys_are_known() -> None:
    key = new_key()
    issuer = Issuer(key)
    reader = issuer.reader()
    reader.read(token(key))
    issuer.away = True
    issuer.time += MAX_AGE_SECONDS + 1
    assert reader.read(token(key)).subject == "a"


def test_an_issuer_that_was_never_there_is_a_503_and_heals() -> None:
    key = new_key()
    issuer = Issuer(key)
    issuer.away = True
    reader = issuer.reader()
    with pytest.raises(Unavailable):
        reader.read(token(key))
    issuer.away = False
    issuer.time += MIN_INTERVAL_SECONDS
    assert reader.read(token(key)).subject == "a"


@pytest.fixture
def served() -> Iterator[tuple[str, Any]]:
    """A development issuer that answers on a port of this machine, and its key."""
    key = new_key()
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    server = make_server("127.0.0.1", port, create_app(key, issuer))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield issuer, key
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_are_found_by_discovery_and_by_address(served: tuple[str, Any]) -> None:
    issuer, key = served
    for source in (key_sources.from_issuer(issuer), key_sources.from_url(f"{issuer}/jwks.json")):
        reader = TokenReader(source, issuer=issuer, audience="fascia", clock=CLOCK)
        assert reader.read(token(key, issuer=issuer)).subject == "a"


def test_an_issuer_that_hangs_holds_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sources, "READ_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = key_sources.from_url(f"http://127.0.0.1:{silent.getsockname()[1]}/jwks.json")
        started = time.monotonic()
        with pytest.raises(Unavailable):
            source.current()
        assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("document", ["[]", "{}", '{"keys": 3}', '{"keys": [{"kty": "OKP"}]}', "nonsense"])
def test_a_key_file_that_is_none_is_a_503(tmp_path: Path, document: str) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(document)
    with pytest.raises(Unavailable):
        key_sources.from_file(path).current()


def test_the_development_key_survives_a_restart_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = key_in(tmp_path / "issuer")
    again = key_in(tmp_path / "issuer")
    assert again.kid == key.kid
    assert again.as_dict(private=True) == key.as_dict(private=True)
    (file,) = (tmp_path / "issuer").iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_the_development_issuer_gives_tokens_that_its_own_keys_open() -> None:
    key = new_key()
    client = create_app(key, ISSUER).test_client()
    answer = client.post("/token", json={"role": "dispatcher", "practice_id": "demo"})
    now = FixedClock(datetime.now(UTC))
    reader = TokenReader(KeySource(lambda: client.get("/jwks.json").json), issuer=ISSUER, audience="fascia", clock=now)
    principal = reader.read(answer.json["access_token"])
    assert principal.roles == {Role.DISPATCHER}
    assert principal.subject == "dispatcher-1"
    assert "development only" in answer.json["note"]


def test_the_development_issuer_never_publishes_its_private_key() -> None:
    client = create_app(new_key(), ISSUER).test_client()
    (published,) = client.get("/jwks.json").json["keys"]
    assert set(published) == {"kty", "crv", "x", "kid", "use", "alg"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"role": "emperor"}', b'{"role": "admin"}', b'{"role": ["admin"]}']
)
def test_the_development_issuer_says_what_it_wants(body: bytes) -> None:
    answer = create_app(new_key(), ISSUER).test_client().post("/token", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["error_description"]
