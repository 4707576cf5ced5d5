"""Inserts and replacements go out together before the commit; nobody inside or outside the transaction can tell."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from pymongo.errors import DuplicateKeyError

from fascia.problem import StaleVersion
from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.store import Index, UnitOfWork, pending_writes
from fascia.testing.harness import Harness

pytestmark = pytest.mark.embedded

SERVICE = Service(
    "toy-svc", ServiceSettings, indexes=(Index("things", (("practice_id", 1), ("name", 1)), unique=True),)
)


@pytest.fixture(params=[True, False], ids=["one command", "a bulk per collection"])
def harness(
    harness_of: Callable[..., Harness], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Harness:
    if not request.param:
        monkeypatch.setattr(pending_writes, "_knows_bulk_write", lambda client: False)
    made = harness_of(SERVICE)
    documents = [{"_id": id_, "name": id_, "version": 1} for id_ in ("a", "b")]
    made.runtime.transaction("demo", lambda uow: uow.collection("things").insert_many(documents))
    return made


def _names(harness: Harness, collection: str = "things") -> list[str]:
    return [one["name"] for one in harness.runtime.reading("demo").collection(collection).find({}, sort=[("_id", 1)])]


def _publish(uow: UnitOfWork) -> None:
    uow.publish("contact.opted_out", {"patient_id": "p-1", "channel": "sms", "at": uow.now}, sequence=1)


def test_all_kinds_of_writes_are_there_after_the_commit(harness: Harness) -> None:
    def work(uow: UnitOfWork) -> None:
        uow.collection("things").replace({"_id": "a", "name": "new a", "version": 2}, expected_version=1)
        uow.collection("others").insert_one({"_id": "o", "name": "other"})
        uow.collection("things").insert_one({"_id": "c", "name": "c", "version": 1})
        _publish(uow)

    harness.runtime.transaction("demo", work)
    assert _names(harness) == ["new a", "b", "c"]
    assert _names(harness, "others") == ["other"]
    assert len(harness.published()) == 1


def test_who_reads_in_the_same_unit_sees_what_was_written(harness: Harness) -> None:
    def work(uow: UnitOfWork) -> None:
        things = uow.collection("things")
        things.insert_one({"_id": "c", "name": "c", "version": 1})
        assert things.find_one({"_id": "c"}) is not None
        things.replace({"_id": "c", "name": "new", "version": 2}, expected_version=1)
        assert [one["name"] for one in things.find({"version": 2})] == ["new"]
        things.insert_one({"_id": "d", "name": "d", "version": 1})
        assert uow.collection("things").count({}) == 4
        things.insert_one({"_id": "e", "name": "e", "version": 1})
        assert things.update_one({"_id": "e"}, {"$set": {"name": "changed"}}) == 1
        things.insert_one({"_id": "f", "name": "f", "version": 1})
        assert things.delete_one({"_id": "f"}) == 1

    harness.runtime.transaction("demo", work)
    assert _names(harness) == ["a", "b", "new", "d", "changed"]


def test_what_the_caller_does_to_a_document_later_is_not_written(harness: Harness) -> None:
    def work(uow: UnitOfWork) -> None:
        document = {"_id": "c", "name": "as given", "version": 1, "parts": ["one"]}
        uow.collection("things").insert_one(document)
        document["name"] = "changed"
        document["parts"].append("two")  # type: ignore[attr-defined]

    harness.runtime.transaction("demo", work)
    found = harness.runtime.reading("demo").collection("things").find_one({"_id": "c"})
    assert found is not None
    assert (found["name"], found["parts"]) == ("as given", ["one"])


@pytest.mark.parametrize("many", [False, True])
def test_a_value_that_is_taken_undoes_everything(harness: Harness, many: bool) -> None:
    def work(uow: UnitOfWork) -> None:
        uow.collection("things").find({})
        _publish(uow)
        taken = {"_id": "c", "name": "a", "version": 1}
        if many:
            uow.collection("things").insert_many([{"_id": "d", "name": "d", "version": 1}, taken])
        else:
            uow.collection("things").insert_one(taken)

    with pytest.raises(DuplicateKeyError) as caught:
        harness.runtime.transaction("demo", work)
    assert set((caught.value.details or {})["keyPattern"]) == {"practice_id", "name"}
    assert _names(harness) == ["a", "b"]
    assert harness.published() == []


def test_a_version_that_is_not_the_latest_undoes_everything_and_is_named(harness: Harness) -> None:
    def work(uow: UnitOfWork) -> None:
        things = uow.collection("things")
        things.find({})
        _publish(uow)
        things.replace({"_id": "a", "name": "new a", "version": 2}, expected_version=1)
        uow.collection("others").insert_one({"_id": "o", "name": "other"})
        things.replace({"_id": "b", "name": "new b", "version": 8}, expected_version=7)

    with pytest.raises(StaleVersion) as caught:
        harness.runtime.transaction("demo", work)
    assert caught.value.expected == 7
    assert _names(harness) == ["a", "b"]
    assert _names(harness, "others") == []
    assert harness.published() == []


def test_another_practices_document_is_not_replaced(harness: Harness) -> None:
    with pytest.raises(StaleVersion):
        harness.runtime.transaction(
            "another-practice",
            lambda uow: uow.collection("things").replace({"_id": "a", "name": "x", "version": 2}, expected_version=1),
        )
    assert _names(harness) == ["a", "b"]


def test_a_unit_that_fails_sends_nothing(harness: Harness) -> None:
    def work(uow: UnitOfWork) -> None:
        uow.collection("things").insert_one({"_id": "c", "name": "c", "version": 1})
        _publish(uow)
        raise ValueError("a rule says no")

    with pytest.raises(ValueError, match="a rule"):
        harness.runtime.transaction("demo", work)
    assert _names(harness) == ["a", "b"]
    assert harness.published() == []


def test_more_than_one_command_holds_is_one_transaction_all_the_same(harness: Harness) -> None:
    many = [{"_id": f"m-{number:05}", "name": f"m-{number}", "version": 1} for number in range(2_500)]

    def work(uow: UnitOfWork, *, fail: bool) -> None:
        uow.collection("things").insert_many(many)
        uow.collection("others").insert_one({"_id": "o", "name": "other"})
        if fail:
            raise ValueError

    with pytest.raises(ValueError):
        harness.runtime.transaction("demo", lambda uow: work(uow, fail=True))
    assert _names(harness) == ["a", "b"]
    harness.runtime.transaction("demo", lambda uow: work(uow, fail=False))
    assert len(_names(harness)) == 2_502


def test_of_writers_at_once_each_builds_on_the_one_before(harness: Harness) -> None:
    def count_up() -> None:
        def work(uow: UnitOfWork) -> None:
            found = uow.collection("things").find_one({"_id": "a"})
            assert found is not None
            version = found["version"]
            uow.collection("others").insert_one({"_id": f"change-{version}", "name": "change"})
            uow.collection("things").replace({**found, "version": version + 1}, expected_version=version)

        for _ in range(3):
            harness.runtime.transaction("demo", work)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = harness.runtime.reading("demo").collection("things").find_one({"_id": "a"})
    assert found is not None
    assert found["version"] == 13
    assert len(_names(harness, "others")) == 12
