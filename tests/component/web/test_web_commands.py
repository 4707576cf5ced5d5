"""A command is one transaction: all of it or nothing, and once under one Idempotency-Key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fascia.testing.harness import Harness

KEY = {"Idempotency-Key": "5f0c2b1e-create-lamp"}


def lamps(toy: Harness, practice_id: str = "demo") -> list[str]:
    return [lamp["name"] for lamp in toy.runtime.reading(practice_id).collection("lamps").find({}, sort=[("_id", 1)])]


def at_once(count: int, ask: Callable[[int], Any]) -> list[Any]:
    answers: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def run(place: int) -> None:
        gate.wait()
        answers[place] = ask(place)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_write_names_its_version_and_the_event_that_it_caused(toy: Harness) -> None:
    answer = toy.as_("admin").post("/v1/lamps", {"name": "desk"})
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    (event,) = toy.published()
    assert answer.headers["Fascia-Event"] == f"contact.opted_out/{event.id}"


def test_a_view_that_fails_leaves_nothing_behind_and_shows_nothing_inside(toy: Harness) -> None:
    answer = toy.as_("admin").post("/v1/broken")
    assert answer.status_code == 500
    assert "Secret" not in answer.text
    assert "RuntimeError" not in answer.text
    assert lamps(toy) == []


def test_a_view_that_answers_with_an_error_leaves_nothing_behind(toy: Harness) -> None:
    assert toy.as_("admin").post("/v1/refused", headers=KEY).status_code == 409
    assert lamps(toy) == []
    assert toy.runtime.database["idempotency"].count_documents({}) == 0


def test_the_same_request_under_the_same_key_has_one_effect_and_one_answer(toy: Harness) -> None:
    admin = toy.as_("admin")
    first = admin.post("/v1/lamps", {"name": "desk"}, headers=KEY)
    again = admin.post("/v1/lamps", {"name": "desk"}, headers=KEY)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    for name in ("ETag", "Fascia-Event", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert lamps(toy) == ["desk"]
    assert len(toy.published()) == 1


def test_another_body_under_the_same_key_is_refused_with_the_fix(toy: Harness) -> None:
    admin = toy.as_("admin")
    admin.post("/v1/lamps", {"name": "desk"}, headers=KEY)
    answer = admin.post("/v1/lamps", {"name": "floor"}, headers=KEY)
    assert answer.status_code == 422
    assert answer.json["code"] == "idempotency-key-reused"
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
    assert lamps(toy) == ["desk"]


def test_another_route_and_another_person_are_other_requests(toy: Harness) -> None:
    toy.as_("admin").post("/v1/lamps", {"name": "desk"}, headers=KEY)
    assert (
        toy.as_("admin").post("/v1/unchecked", {"name": "desk"}, headers=KEY).json["code"] == "idempotency-key-reused"
    )
    other = toy.as_("admin", subject="somebody-else").post("/v1/lamps", {"name": "desk"}, headers=KEY)
    assert other.json["code"] == "idempotency-key-reused"


def test_keys_of_two_practices_have_nothing_to_do_with_each_other(toy: Harness) -> None:
    toy.as_("admin", "demo").post("/v1/lamps", {"name": "desk"}, headers=KEY)
    assert toy.as_("admin", "other").post("/v1/lamps", {"name": "floor"}, headers=KEY).status_code == 201


def test_a_refusal_is_not_stored_so_that_a_mended_request_may_use_the_key(toy: Harness) -> None:
    admin = toy.as_("admin")
    assert admin.post("/v1/lamps", {"name": ""}, headers=KEY).status_code == 422
    assert admin.post("/v1/lamps", {"name": "desk"}, headers=KEY).status_code == 201


def test_after_a_day_a_key_is_free_again(toy: Harness) -> None:
    admin = toy.as_("admin")
    admin.post("/v1/lamps", {"name": "desk"}, headers=KEY)
    toy.clock.advance(timedelta(hours=24))
    assert admin.post("/v1/lamps", {"name": "floor"}, headers=KEY).status_code == 201
    assert lamps(toy) == ["desk", "floor"]


def test_the_stored_answer_is_sealed(toy: Harness) -> None:
    toy.as_("admin").post("/v1/lamps", {"name": "Tiffany"}, headers=KEY)
    (record,) = toy.runtime.database["idempotency"].find()
    assert b"Tiffany" not in b"".join(bytes(value) for value in record.values() if isinstance(value, bytes))
    assert "Tiffany" not in str({name: value for name, value in record.items() if name != "answer"})


@pytest.mark.parametrize("key", ["", "k" * 256, "caf\u00e9"])
def test_a_key_that_is_not_usable_is_named(toy: Harness, key: str) -> None:
    answer = toy.as_("admin").post("/v1/lamps", {"name": "desk"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
    assert lamps(toy) == []


def test_one_of_many_at_once_under_one_key_takes_effect_and_all_get_its_answer(toy: Harness) -> None:
    clients = [toy.as_("admin") for _ in range(6)]
    answers = at_once(6, lambda place: clients[place].post("/v1/lamps", {"name": "desk"}, headers=KEY))
    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert lamps(toy) == ["desk"]
    assert len(toy.published()) == 1


def test_one_of_many_at_once_wins_a_unique_name_and_the_others_hear_the_rule(toy: Harness) -> None:
    clients = [toy.as_("admin") for _ in range(6)]
    answers = at_once(6, lambda place: clients[place].post("/v1/lamps", {"name": "desk"}))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"lamp-exists"}
    assert len(toy.published()) == 1


def test_the_loser_of_a_race_runs_once_more_from_the_start(toy: Harness, races: list[str]) -> None:
    races.append("lost once")
    assert toy.as_("admin").post("/v1/raced", {"name": "desk"}).status_code == 201
    assert lamps(toy) == ["desk"]


def test_who_loses_twice_hears_so(toy: Harness, races: list[str]) -> None:
    races += ["lost twice", "lost once"]
    answer = toy.as_("admin").post("/v1/raced", {"name": "desk"})
    assert (answer.status_code, answer.json["code"]) == (409, "already-exists")
    assert "lost" not in answer.text
    assert lamps(toy) == []


def test_a_view_that_does_not_look_first_is_answered_by_the_index(toy: Harness) -> None:
    admin = toy.as_("admin")
    assert admin.post("/v1/unchecked", {"name": "desk"}).status_code == 204
    answer = admin.post("/v1/unchecked", {"name": "desk"})
    assert answer.status_code == 409
    assert answer.json["code"] == "already-exists"
    assert "name" in answer.json["detail"]
    assert "desk" not in answer.text


def test_one_of_many_changes_of_one_version_wins(toy: Harness) -> None:
    made = toy.as_("admin").post("/v1/lamps", {"name": "desk"})
    clients = [toy.as_("admin") for _ in range(5)]

    def change(place: int) -> Any:
        path = f"/v1/lamps/{made.json['id']}"
        return clients[place].put(path, {"name": f"desk {place}"}, headers={"If-Match": made.headers["ETag"]})

    answers = at_once(5, change)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert winner.headers["ETag"] == '"2"'
    assert lamps(toy) == [winner.json["name"]]


def test_a_change_must_say_which_version_it_is_based_on(toy: Harness) -> None:
    answer = toy.as_("admin").put("/v1/lamps/x", {"name": "desk"})
    assert answer.status_code == 428
    assert "If-Match" in answer.json["detail"]


@pytest.mark.parametrize("header", ["*", "3", 'W/"3"', '"0"', '"a"', '"1", "2"'])
def test_an_if_match_that_is_no_version_is_named(toy: Harness, header: str) -> None:
    answer = toy.as_("admin").put("/v1/lamps/x", {"name": "desk"}, headers={"If-Match": header})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "If-Match"
