"""A process that is killed inside a transaction locks nobody out for longer than its successor needs to start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from pymongo.errors import OperationFailure

from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.store.left_sessions import COLLECTION, OwnSessions, end_left_sessions
from fascia.testing.harness import Harness

pytestmark = pytest.mark.embedded

SERVICE = Service("toy-svc", ServiceSettings)
HOLDS_A_LOCK = """
import sys, time
from datetime import UTC, datetime
from pymongo import MongoClient
from fascia.store.left_sessions import OwnSessions

client = MongoClient(sys.argv[1])
database = client[sys.argv[2]]
with client.start_session() as session:
    OwnSessions(database).note(session, datetime.now(UTC))
    session.start_transaction()
    database.things.update_one({"_id": "a"}, {"$set": {"name": "never committed"}}, session=session)
    print("locked", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def harness(harness_of: Callable[..., Harness]) -> Harness:
    made = harness_of(SERVICE)
    made.runtime.database["things"].insert_one({"_id": "a", "name": "old"})
    return made


@pytest.fixture
def holder(harness: Harness) -> Iterator[subprocess.Popen[str]]:
    runtime = harness.runtime
    arguments = [sys.executable, "-c", HOLDS_A_LOCK, runtime.settings.mongodb_uri, runtime.database.name]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()
        process.wait()
        # The embedded database cannot drop a collection while a transaction in it is open.
        OwnSessions(runtime.database).end_left(harness.clock.now())


def _write(harness: Harness) -> None:
    with harness.runtime.client.start_session() as session, session.start_transaction():
        harness.runtime.database["things"].update_one({"_id": "a"}, {"$set": {"name": "new"}}, session=session)


def _name(harness: Harness) -> str:
    (thing,) = harness.runtime.database["things"].find()
    return str(thing["name"])


def test_what_a_killed_process_had_locked_is_free_when_the_next_one_starts(
    harness: Harness, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    with pytest.raises(OperationFailure, match="conflict"):
        _write(harness)

    harness.runtime.clear_away()
    end_left_sessions(OwnSessions(harness.runtime.database), harness.clock.now).join()

    _write(harness)
    assert _name(harness) == "new"
    assert not list(harness.runtime.database[COLLECTION].find({"pid": holder.pid}))


def test_a_process_that_lives_keeps_its_sessions(harness: Harness, holder: subprocess.Popen[str]) -> None:
    assert OwnSessions(harness.runtime.database).end_left(harness.clock.now()) == 0

    with pytest.raises(OperationFailure, match="conflict"):
        _write(harness)


def test_sessions_are_written_down_once_and_forgotten_at_an_orderly_end(harness: Harness) -> None:
    for _ in range(3):
        harness.runtime.transaction("demo", lambda uow: uow.collection("things").count({}))
    (entry,) = harness.runtime.database[COLLECTION].find()
    assert (entry["pid"], len(entry["sessions"])) == (os.getpid(), 1)

    harness.runtime.sessions.forget()

    assert not list(harness.runtime.database[COLLECTION].find())


def test_a_container_that_starts_again_with_the_same_process_number_ends_what_it_left(harness: Harness) -> None:
    written = harness.runtime.database[COLLECTION]
    OwnSessions(harness.runtime.database).note(harness.runtime.client.start_session(), harness.clock.now())
    entry = written.find_one({})
    assert entry is not None
    written.insert_one({**entry, "_id": "of the process before"})

    assert OwnSessions(harness.runtime.database).end_left(harness.clock.now()) == 1
