"""The audit trail: every access is in it, and tampering with it is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from records_svc.audit import store

pytestmark = pytest.mark.embedded


def actions(practice: Any, **query: str) -> list[tuple[str, str, str]]:
    wanted = "&".join(f"{name}={value}" for name, value in query.items())
    auditor = practice.harness.as_("auditor")
    items = auditor.get(f"/v1/audit?limit=200&{wanted}").json["items"]
    return [(item["subject"], item["action"], item["resource"]) for item in items]


def verification(practice: Any) -> dict[str, Any]:
    return dict(practice.harness.as_("auditor").get("/v1/audit/verification").json)


def test_reads_and_writes_of_a_patient_are_in_the_trail(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.desk.get(f"/v1/patients/{patient['id']}")
    practice.patient()
    assert actions(practice, patient_id=patient["id"]) == [
        ("clerk-1", "read", "patient"),
        ("therapist-1", "sign", "evaluation"),
        ("therapist-1", "draft", "evaluation"),
        ("clerk-1", "sign", "intake"),
        ("clerk-1", "register", "patient"),
    ]


def test_what_was_refused_left_no_entry_of_a_write(practice: Any) -> None:
    patient = practice.patient()
    practice.desk.patch(f"/v1/patients/{patient['id']}", {"phone": "1"}, headers={"If-Match": '"1"'})
    assert actions(practice) == [("clerk-1", "register", "patient")]


def test_the_chain_is_intact_until_something_is_touched(practice: Any) -> None:
    for _ in range(3):
        practice.patient()
    assert verification(practice)["pending"] == 3
    practice.harness.run_job("audit-chain")
    practice.patient()
    practice.harness.run_job("audit-chain")
    assert verification(practice) == {"intact": True, "chained": 4, "pending": 0, "findings": []}


@pytest.mark.parametrize("fault", ["entry_changed", "entry_removed", "entry_added", "link_removed", "head_removed"])
def test_tampering_is_found(practice: Any, fault: str) -> None:
    for _ in range(3):
        practice.patient()
    practice.harness.run_job("audit-chain")
    database = practice.harness.runtime.database
    entry = sorted(database[store.ENTRIES].find(), key=lambda row: row["_id"])[1]
    if fault == "entry_changed":
        database[store.ENTRIES].update_one({"_id": entry["_id"]}, {"$set": {"subject": "somebody-else"}})
    elif fault == "entry_removed":
        database[store.ENTRIES].delete_one({"_id": entry["_id"]})
    elif fault == "entry_added":
        database[store.ENTRIES].insert_one({**entry, "_id": "0000"})
    elif fault == "link_removed":
        database[store.LINKS].delete_one({"position": 3})
    else:
        database[store.HEADS].delete_many({})
    found = verification(practice)
    assert found["intact"] is False
    expected = {"head_removed": "entry_added"}.get(fault, fault)
    assert expected in {finding["fault"] for finding in found["findings"]}


def test_other_roles_do_not_see_the_trail(practice: Any) -> None:
    assert practice.therapist.get("/v1/audit").status_code == 403
    practice.patient()
    stranger = practice.harness.as_("auditor", practice_id="other")
    assert stranger.get("/v1/audit").json["items"] == []


def test_a_read_that_never_wrote_its_entry_does_not_stand_in_the_way(practice: Any) -> None:
    pending = practice.harness.runtime.database[store.PENDING]
    pending.insert_one({"_id": "0000", "practice_id": "demo", "at": practice.harness.clock.now()})
    practice.patient()
    practice.harness.run_job("audit-chain")
    assert verification(practice)["chained"] == 1
    assert pending.count_documents({}) == 1
    practice.harness.clock.advance(timedelta(minutes=11))
    practice.harness.run_job("audit-chain")
    assert pending.count_documents({}) == 0
    assert verification(practice)["intact"] is True


def test_two_workers_that_chain_at_once_make_one_chain(practice: Any) -> None:
    for _ in range(8):
        practice.patient()
    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(practice.harness.run_job, "audit-chain") for _ in range(4)]:
            done.result()
    practice.harness.run_job("audit-chain")
    assert verification(practice) == {"intact": True, "chained": 8, "pending": 0, "findings": []}
