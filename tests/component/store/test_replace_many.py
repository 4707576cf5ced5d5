"""Several aggregates written in one trip: all at the version that was read, or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fascia.problem import StaleVersion
from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.store import Index, UnitOfWork
from fascia.testing.harness import Harness

pytestmark = pytest.mark.embedded

SERVICE = Service("toy-svc", ServiceSettings, indexes=(Index("things", (("practice_id", 1),)),))


def _names(harness: Harness) -> dict[str, str]:
    return {one["_id"]: one["name"] for one in harness.runtime.reading("demo").collection("things").find({})}


def _rename(uow: UnitOfWork, *read: tuple[str, int]) -> None:
    renamed = [({"_id": id_, "name": "new", "version": version + 1}, version) for id_, version in read]
    uow.collection("things").replace_many(renamed)


@pytest.fixture
def harness(harness_of: Callable[..., Harness]) -> Harness:
    made = harness_of(SERVICE)
    documents = [{"_id": id_, "name": "old", "version": 1} for id_ in ("a", "b")]
    made.runtime.transaction("demo", lambda uow: uow.collection("things").insert_many(documents))
    return made


def test_all_are_written(harness: Harness) -> None:
    harness.runtime.transaction("demo", lambda uow: _rename(uow, ("a", 1), ("b", 1)))
    assert _names(harness) == {"a": "new", "b": "new"}
    harness.runtime.transaction("demo", lambda uow: _rename(uow))


def test_one_that_was_written_since_keeps_all_as_they_were(harness: Harness) -> None:
    with pytest.raises(StaleVersion):
        harness.runtime.transaction("demo", lambda uow: _rename(uow, ("a", 1), ("b", 2)))
    assert _names(harness) == {"a": "old", "b": "old"}


def test_another_practices_documents_are_out_of_reach(harness: Harness) -> None:
    with pytest.raises(StaleVersion):
        harness.runtime.transaction("another-practice", lambda uow: _rename(uow, ("a", 1)))
    assert _names(harness) == {"a": "old", "b": "old"}
