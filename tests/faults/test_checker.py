"""A checker that finds nothing proves nothing until it was seen to find what is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from chains import Played, Player
from checker import Checker, Fault, Name
from persistence import Patience, PersistentCast
from practice import build
from pymongo import MongoClient
from running_suite import RunningSuite, running_suite

from fascia.devset.services import ACCOUNT_SID

CHAINS = 10


class Seeder:
    """Puts faults into a suite that has none: into its databases and, as a stranger would, into the catcher."""

    def __init__(self, suite: RunningSuite, client: MongoClient[dict[str, Any]]) -> None:
        self._suite = suite
        self._client = client

    def doubled_text(self, one: Played) -> None:
        """The follow-up once more, sent through the provider's API."""
        catcher = self._suite.description()["urls"]["catcher"]
        url = f"{catcher}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
        with requests.Session() as session:
            session.trust_env = False
            first = session.get(f"{catcher}/api/messages", params={"to": one.phone}, timeout=10).json()["items"][0]
            again = {"To": one.phone, "From": first["sender"], "Body": first["text"]}
            session.post(
                url, data=again, auth=(ACCOUNT_SID, self._suite.secret("twilio")), timeout=10
            ).raise_for_status()

    def removed_score(self, one: Played) -> None:
        """The score of the patient's answers is gone."""
        self._delete("outcomes", "scores", {"patient_id": one.patient_id, "source": "patient"})

    def doubled_score(self, one: Played) -> None:
        """The session was scored twice."""
        scores = self._client["fascia_outcomes"]["scores"]
        score = scores.find_one({"patient_id": one.patient_id, "source": "session"})
        assert score is not None
        scores.insert_one({**score, "_id": f"{score['_id']}-2", "source_id": f"{score['source_id']}-2"})

    def given_back_visit(self, one: Played) -> None:
        """The claim has its visit back."""
        claim = {"patient_id": one.patient_id, "consumed": {"$exists": True}}
        self._change("scheduling", "aggregates", claim, {"consumed": []})

    def forgotten_message(self, one: Played) -> None:
        """No trace of the follow-up in notify-svc."""
        self._delete("notify", "messages", {"recipient_id": one.patient_id, "kind": "follow_up"})

    def unsent_message(self, one: Played) -> None:
        """The questionnaire's message never left, for all that notify-svc knows."""
        self._change(
            "notify", "messages", {"recipient_id": one.patient_id, "kind": "questionnaire"}, {"state": "failed"}
        )

    def unfinished_visit(self, one: Played) -> None:
        """The appointment never came to an end."""
        self._change("scheduling", "appointments", {"_id": one.appointment_id}, {"status": "in_progress"})

    def lost_note(self, one: Played) -> None:
        """The session's note is gone."""
        self._delete("records", "notes", {"_id": one.session_id})

    def _delete(self, service: str, collection: str, which: dict[str, Any]) -> None:
        assert self._client[f"fascia_{service}"][collection].delete_one(which).deleted_count == 1

    def _change(self, service: str, collection: str, which: dict[str, Any], values: dict[str, Any]) -> None:
        changed = self._client[f"fascia_{service}"][collection].update_one(which, {"$set": values})
        assert changed.modified_count == 1


SEEDS = {
    "doubled_text": Name.CATCH_DOUBLED,
    "removed_score": Name.SCORE_MISSING,
    "doubled_score": Name.SCORE_DOUBLED,
    "given_back_visit": Name.BUDGET_WRONG,
    "forgotten_message": Name.MESSAGE_MISSING,
    "unsent_message": Name.MESSAGE_NOT_OUT,
    "unfinished_visit": Name.APPOINTMENT_NOT_COMPLETED_ONCE,
    "lost_note": Name.NOTE_MISSING,
}


@pytest.fixture
def seeder(suite: RunningSuite) -> Iterator[Seeder]:
    with MongoClient(suite.description()["mongodb"]) as client:
        yield Seeder(suite, client)


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[RunningSuite]:
    with running_suite(tmp_path / "run") as running:
        yield running


@pytest.mark.embedded
@pytest.mark.timeout(300)
def test_checker_catches_a_seeded_fault(suite: RunningSuite, seeder: Seeder) -> None:
    known = suite.description()
    patience = Patience(150)
    practice = build(PersistentCast(known, "setup", patience), CHAINS)
    played = Player(known, practice, "seeded", patience).play(CHAINS, threads=4)
    checker = Checker(known, practice)

    assert checker.settle(played, 30) == []

    expected: set[tuple[str, Name]] = set()
    for one, (seed, name) in zip(played, SEEDS.items(), strict=False):
        getattr(seeder, seed)(one)
        expected.add((one.name, name))
        assert _named(checker.check(played)) == expected, f"after {seed}"


def _named(faults: list[Fault]) -> set[tuple[str, Name]]:
    return {(fault.about, fault.name) for fault in faults}
