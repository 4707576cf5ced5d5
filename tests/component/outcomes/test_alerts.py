"""Answers that a person must look at: raised at once and once, escalated when nobody does, never in scores of pay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENT, THERAPIST = "p-1", "t-1"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def phq9(item_9: float, others: float = 1) -> tuple[str, dict[str, float]]:
    return "PHQ-9", {**{f"phq9_{number}": others for number in range(1, 9)}, "phq9_9": item_9}


def pain(value: float) -> tuple[str, dict[str, float]]:
    return "NPRS", {"pain": value}


def session(
    id_: str, *measures: tuple[str, Mapping[str, float]], at: datetime = MONDAY, version: int = 1, **changes: Any
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


def events(outcomes: Harness) -> list[tuple[str, str]]:
    return [(event.data["kind"], event.data["level"]) for event in outcomes.published("outcome.alert")]


def alerts(outcomes: Harness, query: str = "", role: str = "owner", subject: str = "someone") -> list[dict[str, Any]]:
    answer = outcomes.as_(role, subject=subject).get(f"/v1/alerts?{query}")
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def acknowledge(outcomes: Harness, alert: Mapping[str, Any], subject: str = THERAPIST, role: str = "therapist") -> Any:
    return outcomes.as_(role, subject=subject).post(
        f"/v1/alerts/{alert['alert_id']}/acknowledgement",
        {"note": "Called; safe with family tonight."},
        headers={"If-Match": f'"{alert["version"]}"'},
    )


def test_item_9_above_zero_alerts_at_once_and_once(outcomes: Harness) -> None:
    record = outcomes.event("session.completed", session("s-1", phq9(1)))
    for _ in range(3):
        outcomes.redeliver(record)
    assert events(outcomes) == [("self_harm", "raised")]
    (alert,) = alerts(outcomes, "state=waiting")
    assert (alert["severity"], alert["state"], alert["therapist_id"]) == ("urgent", "open", THERAPIST)
    (event,) = outcomes.published("outcome.alert")
    assert event.key == PATIENT
    assert set(event.data) == {
        "alert_id",
        "patient_id",
        "episode_id",
        "therapist_id",
        "score_id",
        "kind",
        "severity",
        "level",
        "at",
    }


def test_item_9_at_zero_alerts_nobody(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", phq9(0, others=3)))
    assert events(outcomes) == []


def test_answers_that_cannot_be_scored_alert_all_the_same(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", ("PHQ-9", {"phq9_1": 1, "phq9_9": 2})))
    assert outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}").json["items"] == []
    assert events(outcomes) == [("self_harm", "raised")]


def test_an_amendment_withdraws_the_alert_and_another_raises_it_again_with_all_its_history(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", phq9(2)))
    outcomes.deliver("session.amended", session("s-1", phq9(3), version=2))
    outcomes.deliver("session.amended", session("s-1", phq9(0), version=3))
    (alert,) = alerts(outcomes)
    assert alert["state"] == "withdrawn"
    assert acknowledge(outcomes, alert).status_code == 409
    outcomes.deliver("session.amended", session("s-1", phq9(1), version=4))
    (alert,) = alerts(outcomes)
    history = outcomes.as_("owner").get(f"/v1/alerts/{alert['alert_id']}").json["history"]
    assert [step["state"] for step in history] == ["open", "withdrawn", "open"]
    assert events(outcomes) == [("self_harm", "raised")] * 2


def test_a_backfill_raises_none(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", phq9(3)), backfill=True)
    assert (alerts(outcomes), events(outcomes)) == ([], [])


def test_a_sharp_deterioration_alerts_when_it_is_the_latest_news(outcomes: Harness) -> None:
    for number, value in enumerate((4, 3, 8), 1):
        outcomes.deliver("session.completed", session(f"s-{number}", pain(value), at=MONDAY + timedelta(days=number)))
    assert events(outcomes) == [("deterioration", "raised")]
    (alert,) = alerts(outcomes)
    assert alert["severity"] == "high"
    outcomes.deliver("session.completed", session("s-4", pain(3), at=MONDAY + timedelta(days=9)))
    assert [alert["state"] for alert in alerts(outcomes)] == ["open"]
    outcomes.deliver("session.completed", session("s-late", pain(9), at=MONDAY + timedelta(days=2.5)))
    assert len(events(outcomes)) == 1
    outcomes.deliver("session.amended", session("s-3", pain(4), at=MONDAY + timedelta(days=3), version=2))
    assert [alert["state"] for alert in alerts(outcomes)] == ["withdrawn"]


def test_a_deterioration_that_becomes_known_weeks_later_is_no_news(outcomes: Harness) -> None:
    outcomes.clock.advance(timedelta(days=20))
    for number, value in enumerate((4, 3, 8), 1):
        outcomes.deliver("session.completed", session(f"s-{number}", pain(value), at=MONDAY + timedelta(days=number)))
    assert events(outcomes) == []
    outcomes.deliver("session.completed", session("s-4", phq9(1), at=MONDAY + timedelta(days=2)))
    assert events(outcomes) == [("self_harm", "raised")]


def test_nobody_acknowledged_it_in_time_so_it_is_escalated_once(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", phq9(1)))
    outcomes.clock.advance(timedelta(minutes=59))
    outcomes.run_job("escalate-alerts")
    assert len(events(outcomes)) == 1
    outcomes.clock.advance(timedelta(minutes=1))
    outcomes.run_job("escalate-alerts")
    outcomes.run_job("escalate-alerts")
    assert events(outcomes) == [("self_harm", "raised"), ("self_harm", "escalated")]
    (alert,) = alerts(outcomes, "state=escalated")
    assert acknowledge(outcomes, alert).json["state"] == "acknowledged"


def test_the_time_is_the_practices_own(outcomes: Harness) -> None:
    changed = outcomes.as_("owner").put(
        "/v1/follow-up-policy", {"escalate_after_minutes": 10}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.json
    outcomes.deliver("session.completed", session("s-1", phq9(1)))
    outcomes.clock.advance(timedelta(minutes=10))
    outcomes.run_job("escalate-alerts")
    assert events(outcomes)[-1] == ("self_harm", "escalated")


def test_an_acknowledgement_keeps_who_when_and_what_sealed_and_ends_it(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", phq9(1)))
    (alert,) = alerts(outcomes)
    outcomes.clock.advance(timedelta(minutes=5))
    done = acknowledge(outcomes, alert)
    assert (done.json["acknowledged_by"], done.json["note"]) == (THERAPIST, "Called; safe with family tonight.")
    assert done.json["history"][-1]["by"] == THERAPIST
    assert "safe with family" not in outcomes.raw()
    assert acknowledge(outcomes, alert).status_code == 412
    assert acknowledge(outcomes, {**alert, "version": 2}).status_code == 409
    outcomes.clock.advance(timedelta(hours=2))
    outcomes.run_job("escalate-alerts")
    assert len(events(outcomes)) == 1
    assert alerts(outcomes, "state=waiting") == []


def test_who_sees_alerts(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session("s-1", phq9(1)))
    (alert,) = alerts(outcomes, role="therapist", subject=THERAPIST)
    assert alerts(outcomes, role="therapist", subject="t-2") == []
    path = f"/v1/alerts/{alert['alert_id']}"
    assert outcomes.as_("therapist", subject="t-2").get(path).status_code == 403
    assert acknowledge(outcomes, alert, subject="t-2").status_code == 403
    assert outcomes.as_("owner", "elsewhere").get(path).status_code == 404
    assert outcomes.as_("therapist", subject="t-2").get(f"/v1/alerts?patient_id={PATIENT}").status_code == 403
    for role in ("dispatcher", "biller", "patient", "service"):
        assert outcomes.as_(role).get("/v1/alerts").status_code == 403
    nothing = outcomes.as_("owner").post(f"{path}/acknowledgement", {"note": ""}, headers={"If-Match": '"1"'})
    assert (nothing.status_code, nothing.json["errors"][0]["field"]) == (422, "note")


def test_an_evaluation_alerts_before_treatment_begins_and_not_again_when_it_does(outcomes: Harness) -> None:
    evaluated = {
        "patient_id": PATIENT,
        "evaluation_id": "ev-1",
        "therapist_id": "t-9",
        "result": "cleared",
        "condition_codes": ["M54.59"],
        "signed_at": MONDAY - timedelta(days=1),
        "measures": [{"instrument": "PHQ-9", "answers": phq9(1)[1]}],
    }
    outcomes.deliver("evaluation.signed", evaluated)
    assert events(outcomes) == [("self_harm", "raised")]
    outcomes.deliver("session.completed", session("s-1"))
    assert len(events(outcomes)) == 1
    (alert,) = alerts(outcomes)
    (score,) = outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}&instrument=PHQ-9").json["items"]
    assert alert["score_id"] == score["score_id"]
