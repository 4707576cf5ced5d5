"""A practice records its licence: what it may score follows, on the days that the licence covers and on no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
NDI = {f"ndi_{number}": 2 for number in range(1, 11)}
PATH = "/v1/instruments/NDI/licence"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def licence(**changes: Any) -> dict[str, Any]:
    return {
        "holder": "Example Practice",
        "reference": "A-1",
        "valid_from": "2027-01-01",
        "valid_until": "2027-12-31",
        "terms_seen": True,
        **changes,
    }


def measure(outcomes: Harness, id_: str = "s-1", days: int = 0) -> None:
    at = MONDAY + timedelta(days=days)
    outcomes.deliver(
        "session.completed",
        {
            "session_id": id_,
            "version": 1,
            "appointment_id": f"a-{id_}",
            "patient_id": "p-1",
            "therapist_id": "t-1",
            "setting": "clinic",
            "service_type": "massage-60",
            "condition_codes": ["M54.2"],
            "started_at": at - timedelta(hours=1),
            "ended_at": at,
            "signed_at": at,
            "treated_minutes": 50,
            "measures": [{"instrument": "NDI", "answers": NDI}],
        },
    )


def scores(outcomes: Harness) -> list[tuple[str, str, float | None, list[str]]]:
    items = outcomes.as_("owner").get("/v1/scores?patient_id=p-1&include=refusals").json["items"]
    return sorted((i["session_id"], i["state"], i["value"], [r["code"] for r in i["refusals"]]) for i in items)


def follow(outcomes: Harness) -> None:
    outcomes.clock.advance(timedelta(minutes=1))
    outcomes.run_job("follow-licences")


def test_without_a_licence_a_score_is_refused_by_name_with_the_fix(outcomes: Harness) -> None:
    measure(outcomes)
    assert scores(outcomes) == [("s-1", "refused", None, ["licence_required"])]
    (item,) = outcomes.as_("owner").get("/v1/scores?patient_id=p-1&include=refusals").json["items"]
    assert "Record the practice's licence for NDI" in item["refusals"][0]["fix"]
    assert outcomes.published("outcome.scored") == []


def test_with_a_licence_it_is_scored(outcomes: Harness) -> None:
    answer = outcomes.as_("admin", subject="u-1").put(PATH, licence())
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert (answer.json["licence_required"], answer.json["may_score_today"]) == (True, True)
    measure(outcomes)
    assert scores(outcomes) == [("s-1", "scored", 40, [])]


def test_a_licence_recorded_later_rescores_the_days_that_it_covers(outcomes: Harness) -> None:
    measure(outcomes, "s-1", days=-20)
    measure(outcomes, "s-2")
    outcomes.as_("owner").put(PATH, licence())
    assert [state for _, state, _, _ in scores(outcomes)] == ["refused", "refused"]
    follow(outcomes)
    assert scores(outcomes) == [("s-1", "refused", None, ["licence_required"]), ("s-2", "scored", 40, [])]
    assert [event.data["session_id"] for event in outcomes.published("outcome.scored")] == ["s-2"]
    follow(outcomes)
    assert len(outcomes.published("outcome.scored")) == 1


def test_a_correction_takes_back_what_it_no_longer_covers_and_an_end_does_not(outcomes: Harness) -> None:
    outcomes.as_("owner").put(PATH, licence())
    measure(outcomes)
    ended = outcomes.as_("owner").request("DELETE", PATH)
    assert (ended.status_code, ended.json["licences"][0]["valid_until"]) == (200, "2027-01-11")
    follow(outcomes)
    assert scores(outcomes) == [("s-1", "scored", 40, [])]
    outcomes.as_("owner").put(PATH, licence(valid_from="2027-02-01"))
    follow(outcomes)
    assert scores(outcomes) == [("s-1", "refused", None, ["licence_required"])]


def test_the_history_says_who_did_what_and_when(outcomes: Harness) -> None:
    outcomes.as_("owner", subject="u-1").put(PATH, licence())
    outcomes.clock.advance(timedelta(days=1))
    outcomes.as_("admin", subject="u-2").put(PATH, licence(holder="Example Practice, Inc."))
    outcomes.as_("admin", subject="u-2").put(PATH, licence(holder="Example Practice, Inc."))
    outcomes.as_("admin", subject="u-3").request("DELETE", PATH)
    found = outcomes.as_("auditor").get(PATH).json
    assert [(e["version"], e["action"], e["recorded_by"], e["recorded_at"]) for e in found["history"]] == [
        (1, "recorded", "u-1", "2027-01-11T14:00:00Z"),
        (2, "recorded", "u-2", "2027-01-12T14:00:00Z"),
        (3, "ended", "u-3", "2027-01-12T14:00:00Z"),
    ]
    assert found["version"] == 3
    assert outcomes.as_("owner").request("DELETE", PATH).json["code"] == "no-licence-in-force"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"terms_seen": False}, "terms_seen"),
        ({"holder": ""}, "holder"),
        ({"valid_from": "2027-13-01"}, "valid_from"),
        ({"valid_until": "2026-12-31"}, "valid_until"),
        ({"seats": 3}, "seats"),
    ],
)
def test_what_is_wrong_is_named_with_the_fix(outcomes: Harness, changes: dict[str, Any], field: str) -> None:
    answer = outcomes.as_("owner").put(PATH, licence(**changes))
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert answer.json["errors"][0]["fix"]
    assert outcomes.as_("owner").get(PATH).json["history"] == []


def test_only_those_who_answer_for_the_practice_record_it_and_only_for_their_own(outcomes: Harness) -> None:
    assert outcomes.as_("therapist").put(PATH, licence()).status_code == 403
    assert outcomes.as_("owner").put("/v1/instruments/NOPE/licence", licence()).status_code == 404
    outcomes.as_("owner").put(PATH, licence())
    other = outcomes.as_("owner", practice_id="other").get(PATH).json
    assert (other["may_score_today"], other["history"]) == (False, [])
