"""An Idempotency-Key is looked up only when a command fails; whatever happens in between, its effect comes once."""

from __future__ import annotations

from typing import Any

import pytest

from fascia.store import UnitOfWork
from fascia.testing.harness import Harness

KEY = {"Idempotency-Key": "0197-one-spark"}


def sparks(toy: Harness) -> list[str]:
    return [one["name"] for one in toy.runtime.reading("demo").collection("sparks").find({})]


def keys(toy: Harness) -> int:
    return toy.runtime.database["idempotency"].count_documents({})


def before_the_writes(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Let something else happen after a command was judged and before anything of it is written, once."""
    flush = UnitOfWork.flush
    todo = [act]

    def after(uow: UnitOfWork) -> None:
        if todo:
            todo.pop()()
        flush(uow)

    monkeypatch.setattr(UnitOfWork, "flush", after)


def test_what_would_succeed_again_is_not_done_again(toy: Harness) -> None:
    admin = toy.as_("admin")
    first = admin.post("/v1/sparks", {"name": "s"}, headers=KEY)
    again = admin.post("/v1/sparks", {"name": "s"}, headers=KEY)
    assert (again.status_code, again.data, again.headers["ETag"]) == (201, first.data, '"1"')
    assert again.headers["Idempotent-Replayed"] == "true"
    assert sparks(toy) == ["s"]


def test_the_same_request_between_judgement_and_write_takes_effect_once(
    toy: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, other = toy.as_("admin"), toy.as_("admin")
    answers = []
    before_the_writes(monkeypatch, lambda: answers.append(other.post("/v1/sparks", {"name": "s"}, headers=KEY)))
    answers.append(admin.post("/v1/sparks", {"name": "s"}, headers=KEY))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert ["Idempotent-Replayed" in answer.headers for answer in answers] == [False, True]
    assert sparks(toy) == ["s"]


def test_another_request_under_the_key_between_judgement_and_write_is_told_apart(
    toy: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, other = toy.as_("admin"), toy.as_("admin")
    before_the_writes(monkeypatch, lambda: other.post("/v1/sparks", {"name": "first"}, headers=KEY))
    answer = admin.post("/v1/sparks", {"name": "second"}, headers=KEY)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")
    assert sparks(toy) == ["first"]


@pytest.mark.parametrize("path", ["/v1/sparks", "/v1/broken", "/v1/refused"])
def test_whatever_fails_under_a_used_key_hears_of_the_key_first(toy: Harness, path: str) -> None:
    admin = toy.as_("admin")
    admin.post("/v1/sparks", {"name": "s"}, headers=KEY)
    answer = admin.post(path, {"name": 7}, headers=KEY)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")
    assert sparks(toy) == ["s"]


def test_a_refusal_under_a_new_key_leaves_the_key_free(toy: Harness) -> None:
    admin = toy.as_("admin")
    admin.post("/v1/lamps", {"name": "desk"})
    assert admin.post("/v1/lamps", {"name": "desk"}, headers=KEY).json["code"] == "lamp-exists"
    assert admin.post("/v1/broken", headers=KEY).status_code == 500
    assert keys(toy) == 0
    assert admin.post("/v1/lamps", {"name": "floor"}, headers=KEY).status_code == 201


def test_a_change_of_a_version_is_replayed_after_its_answer_was_lost(toy: Harness) -> None:
    admin = toy.as_("admin")
    made = admin.post("/v1/lamps", {"name": "desk"})
    path, based_on = f"/v1/lamps/{made.json['id']}", {"If-Match": '"1"'}
    first = admin.put(path, {"name": "floor"}, headers=KEY | based_on)
    admin.put(path, {"name": "wall"}, headers={"If-Match": '"2"'})
    again = admin.put(path, {"name": "floor"}, headers=KEY | based_on)
    assert (again.status_code, again.data, again.headers["ETag"]) == (200, first.data, '"2"')
    assert admin.get("/v1/lamps").json["items"][0]["name"] == "wall"


def test_a_change_of_a_version_that_is_gone_is_refused_under_a_new_key(toy: Harness) -> None:
    admin = toy.as_("admin")
    made = admin.post("/v1/lamps", {"name": "desk"})
    path = f"/v1/lamps/{made.json['id']}"
    admin.put(path, {"name": "floor"}, headers={"If-Match": '"1"'})
    answer = admin.put(path, {"name": "wall"}, headers=KEY | {"If-Match": '"1"'})
    assert answer.status_code == 412
    assert "ETag" not in answer.headers
    assert keys(toy) == 0


def test_a_key_that_ran_out_does_not_stop_a_refusal_nor_a_command(toy: Harness) -> None:
    admin = toy.as_("admin")
    admin.post("/v1/lamps", {"name": "desk"}, headers=KEY)
    records = toy.runtime.database["idempotency"]
    records.update_one({}, {"$set": {"expires_at": toy.clock.now()}})
    assert admin.post("/v1/lamps", {"name": "desk"}, headers=KEY).json["code"] == "lamp-exists"
    answer = admin.post("/v1/sparks", {"name": "s"}, headers=KEY)
    assert answer.status_code == 201
    assert "Idempotent-Replayed" not in answer.headers
    assert keys(toy) == 1
