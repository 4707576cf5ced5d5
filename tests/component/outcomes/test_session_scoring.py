"""session.completed becomes scores and a question to the patient, whatever the order and number of deliveries."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from fascia.backbone.dispatch import Fate
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENT, THERAPIST = "p-1", "t-1"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def session(
    id_: str, *measures: tuple[str, dict[str, float]], at: datetime = MONDAY, version: int = 1, **changes: Any
) -> dict[str, Any]:
    return {
        "session_id": id_,
        "version": version,
        "appointment_id": f"a-{id_}",
        "patient_id": PATIENT,
        "therapist_id": THERAPIST,
        "setting": "clinic",
        "service_type": "massage-60",
        "condition_codes": ["M54.59"],
        "started_at": at - timedelta(hours=1),
        "ended_at": at,
        "signed_at": at,
        "treated_minutes": 53,
        "measures": [{"instrument": instrument, "answers": answers} for instrument, answers in measures],
        **changes,
    }


def pain(value: float) -> tuple[str, dict[str, float]]:
    return "NPRS", {"pain": value}


def scores(outcomes: Harness, query: str = "", role: str = "owner", practice_id: str = "demo") -> list[dict[str, Any]]:
    answer = outcomes.as_(role, practice_id).get(f"/v1/scores?patient_id={PATIENT}&{query}")
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def gist(items: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (i["session_id"], i["instrument"], i["state"], i["value"], i["change"], i["judgement"]) for i in items
    )


def episodes(outcomes: Harness) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = outcomes.as_("owner").get(f"/v1/episodes?patient_id={PATIENT}").json["items"]
    return items


def test_the_first_session_is_the_baseline_and_asks_the_patient(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7)))
    (score,) = scores(outcomes)
    assert (score["value"], score["judgement"], score["change"]) == (7, "baseline", None)
    assert (score["answers"], score["instrument_version"], score["rule"]) == ({"pain": 7}, "1", "the single item")
    (episode,) = episodes(outcomes)
    assert episode["state"] == "open"
    assert episode["primary"] == {"instrument": "NPRS", "version": "1", "stand_in": False}
    scored, asked = outcomes.published()
    assert (scored.type, scored.data["score_id"], scored.data["source"]) == (
        "outcome.scored",
        score["score_id"],
        "session",
    )
    assert asked.type == "assessment.requested"
    assert asked.data["instrument"] == "NPRS"
    assert asked.data["expires_at"] == MONDAY + timedelta(days=7)


def test_a_later_session_is_judged_against_the_baseline(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7), ("PEG", {"pain": 7, "enjoyment": 8, "activity": 8})))
    later = MONDAY + timedelta(days=7)
    outcomes.deliver("session.completed", session("s-2", pain(4), at=later))
    assert gist(scores(outcomes)) == [
        ("s-1", "NPRS", "scored", 7, None, "baseline"),
        ("s-1", "PEG", "scored", 7.67, None, "baseline"),
        ("s-2", "NPRS", "scored", 4, 3, "improved"),
    ]
    assert len(scores(outcomes, "session_id=s-2")) == 1
    assert len(episodes(outcomes)) == 1


HISTORY = (
    ("session.completed", session("s-1", pain(8))),
    ("session.completed", session("s-2", pain(6), at=MONDAY + timedelta(days=7))),
    ("session.amended", session("s-2", pain(5), at=MONDAY + timedelta(days=7), version=2)),
    ("session.completed", session("s-3", pain(9), ("PEG", {"pain": 1}), at=MONDAY + timedelta(days=14))),
    ("session.completed", session("s-4", pain(9), at=MONDAY + timedelta(days=100))),
)
RESULT = [
    ("s-1", "NPRS", "scored", 8, None, "baseline"),
    ("s-2", "NPRS", "scored", 5, 3, "improved"),
    ("s-3", "NPRS", "scored", 9, -1, "unchanged"),
    ("s-3", "PEG", "refused", None, None, None),
    ("s-4", "NPRS", "scored", 9, None, "baseline"),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3), (3, 2, 0, 4, 1)])
def test_any_order_and_any_number_of_deliveries_give_the_same_result(outcomes: Harness, order: tuple[int, ...]) -> None:
    records = [outcomes.event(*HISTORY[place]) for place in order]
    for record in itertools.chain(records, reversed(records), records):
        assert outcomes.redeliver(record) in (Fate.HANDLED, Fate.DUPLICATE)
    found = scores(outcomes, "include=all")
    assert gist(found) == RESULT
    by_session = {item["session_id"]: item["episode_id"] for item in found}
    assert by_session["s-1"] == by_session["s-2"] == by_session["s-3"] != by_session["s-4"]
    assert [(e["sessions"], e["state"]) for e in sorted(episodes(outcomes), key=lambda e: e["opened_at"])] == [
        (3, "open"),
        (1, "open"),
    ]
    last = {event.data["score_id"]: event.data for event in outcomes.published("outcome.scored")}
    for item in found:
        if item["state"] == "scored":
            published = last[item["score_id"]]
            assert [published[name] for name in ("value", "change", "judgement")] == [
                item[name] for name in ("value", "change", "judgement")
            ]
    assert len(outcomes.published("assessment.requested")) == 1


def test_sessions_that_arrive_at_once_see_each_other(outcomes: Harness) -> None:
    """Without a lock per patient each would be a baseline in an episode of its own."""
    days = range(8)
    records = [
        outcomes.event("session.completed", session(f"s-{day}", pain(9 - day), at=MONDAY + timedelta(days=day)))
        for day in days
    ]
    with ThreadPoolExecutor(4) as workers:
        assert set(workers.map(outcomes.redeliver, records)) == {Fate.HANDLED}
    found = scores(outcomes)
    assert sorted(item["change"] or 0 for item in found) == list(days)
    assert [item["judgement"] for item in found].count("baseline") == 1
    assert len(episodes(outcomes)) == 1
    assert len(outcomes.published("assessment.requested")) == 1


def test_an_amendment_scores_again_and_says_so_once(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7)))
    outcomes.deliver("session.amended", session("s-1", pain(3), version=2))
    outcomes.deliver("session.amended", session("s-1", pain(3), version=3))
    (score,) = scores(outcomes)
    assert score["value"] == 3
    assert [event.data["value"] for event in outcomes.published("outcome.scored")] == [7, 3]
    assert len({event.data["score_id"] for event in outcomes.published("outcome.scored")}) == 1


def test_answers_that_an_amendment_takes_back_are_withdrawn(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7)))
    outcomes.deliver("session.completed", session("s-2", pain(4), at=MONDAY + timedelta(days=1)))
    outcomes.deliver("session.amended", session("s-1", version=2))
    assert gist(scores(outcomes)) == [("s-2", "NPRS", "scored", 4, None, "baseline")]
    assert ("s-1", "NPRS", "withdrawn", None, None, None) in gist(scores(outcomes, "include=all"))


def test_a_refusal_is_visible_with_its_reason_and_is_no_score(outcomes: Harness) -> None:
    measures = [
        ("PEG", {"pain": 7.0, "enjoyment": 8.0}),
        ("BPI", {"q1": 1.0}),
        ("PSFS", {"activity.1": 3.0, "$x": 1.0}),
    ]
    outcomes.deliver("session.completed", session("s-1", *measures))
    assert scores(outcomes) == []
    assert outcomes.published("outcome.scored") == []
    refused = {item["instrument"]: item for item in scores(outcomes, "include=refusals")}
    assert {name: {fault["code"] for fault in item["refusals"]} for name, item in refused.items()} == {
        "PEG": {"missing_item"},
        "BPI": {"unknown_instrument"},
        "PSFS": {"unknown_item"},
    }
    assert refused["PEG"]["refusals"][0]["item"] == "activity"
    assert all(item["value"] is None and item["judgement"] is None for item in refused.values())


def test_two_different_answers_in_one_session_are_refused_and_equal_ones_count_once(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7), pain(3)))
    outcomes.deliver("session.completed", session("s-2", pain(6), pain(6), at=MONDAY + timedelta(hours=1)))
    assert gist(scores(outcomes, "include=refusals")) == [
        ("s-1", "NPRS", "refused", None, None, None),
        ("s-2", "NPRS", "scored", 6, None, "baseline"),
    ]


def test_named_activities_are_asked_again_and_only_those(outcomes: Harness) -> None:
    outcomes.deliver(
        "session.completed",
        session("s-1", ("PSFS", {"activity_1": 2, "activity_3": 4}), condition_codes=["S83.511A"]),
    )
    (asked,) = outcomes.as_("owner").get(f"/v1/assessments?patient_id={PATIENT}").json["items"]
    assert [item["code"] for item in asked["items"]] == ["activity_1", "activity_3"]


def test_without_named_activities_nothing_is_asked(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", condition_codes=["S83.511A"]))
    assert outcomes.published() == []
    assert episodes(outcomes)[0]["primary"]["instrument"] == "PSFS"


def test_history_that_is_loaded_again_asks_nobody(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7)), backfill=True)
    assert [event.type for event in outcomes.published()] == ["outcome.scored"]
    assert all(event.backfill for event in outcomes.published())


def test_an_episode_closes_after_60_days_without_a_session(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7)))
    outcomes.clock.advance(timedelta(days=59))
    outcomes.run_job("close-episodes")
    assert episodes(outcomes)[0]["state"] == "open"
    outcomes.clock.advance(timedelta(days=1))
    outcomes.run_job("close-episodes")
    outcomes.run_job("close-episodes")
    (episode,) = episodes(outcomes)
    assert (episode["state"], episode["close_reason"], episode["version"]) == ("closed", "no_visit_60_days", 2)


def test_practices_do_not_see_each_other(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7)), "demo")
    outcomes.deliver("session.completed", session("s-1", pain(2)), "other")
    assert [item["value"] for item in scores(outcomes)] == [7]
    assert [item["value"] for item in scores(outcomes, practice_id="other")] == [2]
    assert scores(outcomes, practice_id="third") == []


def test_a_therapist_reads_patients_whom_they_treat(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7)))
    path = f"/v1/scores?patient_id={PATIENT}"
    assert len(outcomes.as_("therapist", subject=THERAPIST).get(path).json["items"]) == 1
    assert outcomes.as_("therapist", subject="t-2").get(path).status_code == 403
    refused = outcomes.as_("therapist", subject=THERAPIST).get("/v1/scores")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "patient_id")
    for role in ("dispatcher", "biller", "patient"):
        assert outcomes.as_(role).get(path).status_code == 403


def test_lists_come_in_pages(outcomes: Harness) -> None:
    for number in range(5):
        outcomes.deliver("session.completed", session(f"s-{number}", pain(number), at=MONDAY + timedelta(days=number)))
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}&limit=2{cursor}").json
        seen += [item["score_id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert len(set(seen)) == 5
    assert page["next_cursor"] is None
    numeric = "/v1/instruments?family=numeric-pain&limit=1"
    instruments = outcomes.as_("biller").get(numeric).json
    rest = outcomes.as_("biller").get(f"{numeric}&cursor={instruments['next_cursor']}").json
    assert [item["id"] for item in instruments["items"] + rest["items"]] == ["NPRS", "VAS"]
    assert instruments["items"][0]["mic"] == {"absolute": 2.0, "relative": 0.3}
    assert rest["next_cursor"] is None
    wrong = outcomes.as_("owner").get("/v1/scores?patient=p-1")
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "patient")


def test_a_session_cannot_change_hands(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", pain(7)))
    amended = outcomes.event("session.amended", session("s-1", pain(1), version=2, patient_id="p-2"))
    assert outcomes.redeliver(amended) is Fate.DEAD
    assert [item["value"] for item in scores(outcomes)] == [7]


def evaluation(id_: str, *measures: tuple[str, dict[str, float]], at: datetime) -> dict[str, Any]:
    return {
        "patient_id": PATIENT,
        "evaluation_id": id_,
        "therapist_id": "t-9",
        "result": "cleared",
        "condition_codes": ["M54.59"],
        "signed_at": at,
        "measures": [{"instrument": instrument, "answers": answers} for instrument, answers in measures],
    }


@pytest.mark.parametrize("first", ["evaluation", "session"])
def test_the_evaluation_before_treatment_is_the_baseline(outcomes: Harness, first: str) -> None:
    evaluated = ("evaluation.signed", evaluation("e-1", pain(9), at=MONDAY - timedelta(days=3)))
    treated = ("session.completed", session("s-1", pain(7)))
    for type_, data in (evaluated, treated) if first == "evaluation" else (treated, evaluated):
        outcomes.deliver(type_, data)
    assert [(s["source"], s["value"], s["change"], s["judgement"]) for s in by_time(scores(outcomes))] == [
        ("evaluation", 9, None, "baseline"),
        ("session", 7, 2, "improved"),
    ]


def test_an_evaluation_without_treatment_or_long_before_it_is_no_baseline(outcomes: Harness) -> None:
    outcomes.deliver("evaluation.signed", evaluation("e-1", pain(9), at=MONDAY - timedelta(days=31)))
    assert (scores(outcomes), episodes(outcomes), outcomes.published()) == ([], [], [])
    outcomes.deliver("session.completed", session("s-1", pain(7)))
    assert gist(scores(outcomes)) == [("s-1", "NPRS", "scored", 7, None, "baseline")]


def test_activities_named_at_the_evaluation_are_asked(outcomes: Harness) -> None:
    named = evaluation("e-1", ("PSFS", {"activity_2": 4}), at=MONDAY - timedelta(days=3))
    outcomes.deliver("evaluation.signed", {**named, "condition_codes": ["S83.511A"]})
    outcomes.deliver("session.completed", session("s-1", condition_codes=["S83.511A"]))
    (asked,) = outcomes.as_("owner").get(f"/v1/assessments?patient_id={PATIENT}").json["items"]
    assert [item["code"] for item in asked["items"]] == ["activity_2"]


def by_time(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: str(item["measured_at"]))
