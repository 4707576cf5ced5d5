"""Who gets in: nobody by oversight, nobody with a token that does not hold."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from flask_smorest import Blueprint
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from fascia.devset.issuer import mint, new_key
from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.testing.harness import Harness
from fascia.testing.tokens import ISSUER
from fascia.web.access import Role, access, public
from fascia.web.app import UnguardedRoute, create_app
from fascia.web.unit import command


def ask(toy: Harness, token: str | None, path: str = "/v1/lamps") -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return toy.anonymous().get(path, headers=headers)


def claims(toy: Harness, **changes: Any) -> dict[str, Any]:
    now = int(toy.clock.now().timestamp())
    whole = {"iss": ISSUER, "aud": "fascia", "sub": "a", "practice_id": "demo", "roles": ["admin"], "exp": now + 60}
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def test_a_route_that_names_nobody_keeps_the_service_from_starting(toy: Harness) -> None:
    blp = Blueprint("open", __name__)
    blp.route("/v1/forgotten", methods=["GET"])(lambda: "anybody")
    service = Service(name="toy-svc", settings=ServiceSettings, blueprints=(blp,))
    with pytest.raises(UnguardedRoute, match="/v1/forgotten"):
        create_app(service, toy.runtime)


def test_the_decorators_cannot_be_put_in_the_wrong_order() -> None:
    with pytest.raises(TypeError, match="below @access"):
        command(access(Role.ADMIN)(lambda: ""))


def test_a_route_says_one_thing_only() -> None:
    with pytest.raises(TypeError, match="two of"):
        access(Role.ADMIN)(public("why")(lambda: ""))


def test_no_token_is_answered_with_a_challenge(toy: Harness) -> None:
    answer = ask(toy, None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["code"] == "unauthenticated"


def test_a_role_that_may_gets_in(toy: Harness) -> None:
    assert toy.as_("auditor").get("/v1/lamps").status_code == 200


def test_a_role_that_may_not_is_told_which_may(toy: Harness) -> None:
    answer = toy.as_("patient").get("/v1/lamps")
    assert answer.status_code == 403
    assert "admin, auditor" in answer.json["detail"]
    assert "patient" in answer.json["detail"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aud": "another-suite"}, "another audience"),
        ({"aud": None}, "aud"),
        ({"iss": "https://elsewhere.test"}, "another issuer"),
        ({"iss": None}, "iss"),
        ({"exp": None}, "exp"),
        ({"exp": float("nan")}, "not valid"),
        ({"sub": None}, "sub"),
        ({"practice_id": None}, "practice_id"),
        ({"practice_id": 7}, "practice_id"),
        ({"roles": None}, "roles"),
        ({"roles": "admin"}, "roles"),
    ],
)
def test_a_token_that_lacks_what_it_must_say_is_refused(toy: Harness, changes: dict[str, Any], said: str) -> None:
    answer = ask(toy, _signed(toy, claims(toy, **changes)))
    assert answer.status_code == 401
    assert said in answer.json["detail"]
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_expiry_follows_the_service_clock_with_thirty_seconds_of_leeway(toy: Harness) -> None:
    token = _signed(toy, claims(toy))
    assert ask(toy, token).status_code == 200
    toy.clock.advance(timedelta(seconds=89))
    assert ask(toy, token).status_code == 200
    toy.clock.advance(timedelta(seconds=2))
    answer = ask(toy, token)
    assert answer.status_code == 401
    assert "expired" in answer.json["detail"]


def test_a_token_from_the_future_is_refused(toy: Harness) -> None:
    answer = ask(toy, _signed(toy, claims(toy, nbf=int(toy.clock.now().timestamp()) + 31)))
    assert answer.status_code == 401
    assert "not valid yet" in answer.json["detail"]


def test_a_token_signed_with_another_key_is_refused(toy: Harness) -> None:
    forged = mint(new_key(), roles=["admin"], practice_id="demo", subject="a", issuer=ISSUER, now=toy.clock.now())
    assert ask(toy, forged).status_code == 401


def test_a_token_signed_with_another_key_under_a_known_key_id_is_refused(toy: Harness) -> None:
    stranger = OKPKey.generate_key("Ed25519", {"kid": "test"})
    forged = jwt.encode({"alg": "Ed25519", "kid": "test"}, claims(toy), stranger, algorithms=["Ed25519"])
    assert ask(toy, forged).status_code == 401


def test_an_altered_token_is_refused(toy: Harness) -> None:
    head, body, signature = _signed(toy, claims(toy, roles=["patient"])).split(".")
    raised = json.loads(base64.urlsafe_b64decode(body + "=="))
    raised["roles"] = ["admin"]
    altered = base64.urlsafe_b64encode(json.dumps(raised).encode()).decode().rstrip("=")
    assert ask(toy, f"{head}.{altered}.{signature}").status_code == 401


def test_a_token_without_a_signature_is_refused(toy: Harness) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(claims(toy)).encode()).decode().rstrip("=")
    assert ask(toy, f"{head}.{body}.").status_code == 401


def test_the_public_key_is_no_shared_secret(toy: Harness) -> None:
    public_key = json.dumps(toy.issuer._key.as_dict(private=False)).encode()
    forged = jwt.encode(
        {"alg": "HS256", "kid": "test"}, claims(toy), OctKey.import_key(public_key), algorithms=["HS256"]
    )
    assert ask(toy, forged).status_code == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", "a.b", "." * 10, "é.é.é", "x" * 9000])
def test_what_is_no_token_is_refused(toy: Harness, token: str) -> None:
    answer = toy.anonymous().get("/v1/lamps", headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")})
    assert answer.status_code == 401


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer "])
def test_another_scheme_is_no_token(toy: Harness, header: str) -> None:
    answer = toy.anonymous().get("/v1/lamps", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_role_that_is_not_known_gives_nothing(toy: Harness) -> None:
    assert ask(toy, _signed(toy, claims(toy, roles=["emperor"]))).status_code == 403
    assert ask(toy, _signed(toy, claims(toy, roles=["emperor", "auditor"]))).status_code == 200


def test_practices_never_see_each_other(toy: Harness) -> None:
    toy.as_("admin", "demo").post("/v1/lamps", {"name": "desk"})
    assert toy.as_("admin", "other").get("/v1/lamps").json["items"] == []
    assert len(toy.as_("admin", "demo").get("/v1/lamps").json["items"]) == 1


def test_a_signed_link_names_its_own_practice(toy: Harness) -> None:
    answer = toy.anonymous().post("/q/abc")
    assert answer.text == "<p>linked</p>"
    assert toy.runtime.reading("linked").collection("lamps").count({}) == 1
    assert toy.runtime.reading("demo").collection("lamps").count({}) == 0


def test_a_caller_without_rights_learns_nothing_about_the_body_that_is_expected(toy: Harness) -> None:
    answer = toy.as_("patient").post("/v1/lamps", {"unknown": 1})
    assert answer.status_code == 403


def _signed(toy: Harness, payload: dict[str, Any]) -> str:
    return jwt.encode({"alg": "Ed25519", "kid": "test"}, payload, toy.issuer._key, algorithms=["Ed25519"])
