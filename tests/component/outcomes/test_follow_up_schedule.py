"""Questionnaires reach patients by a schedule: before the first visit, on fixed days, with one reminder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.follow_up import jobs
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENT, THERAPIST = "p-1", "t-1"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def evaluation(at: datetime = MONDAY, **changes: Any) -> dict[str, Any]:
    return {
        "patient_id": PATIENT,
        "evaluation_id": "ev-1",
        "therapist_id": THERAPIST,
        "result": "cleared",
        "condition_codes": ["M54.59"],
        "signed_at": at,
        **changes,
    }


def visit(starts_at: datetime, version: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "appointment_id": "a-1",
        "version": version,
        "calendar_sequence": version,
        "patient_id": PATIENT,
        "therapist_id": THERAPIST,
        "service_type": "massage-60",
        "setting": "clinic",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "time_zone": "America/New_York",
        "local_start": "2027-01-15T09:00",
        **changes,
    }


def session(at: datetime, id_: str = "s-1", **changes: Any) -> dict[str, Any]:
    return {
        "session_id": id_,
        "version": 1,
        "appointment_id": "a-1",
        "patient_id": PATIENT,
        "therapist_id": THERAPIST,
        "setting": "clinic",
        "service_type": "massage-60",
        "condition_codes": ["M54.59"],
        "started_at": at - timedelta(hours=1),
        "ended_at": at,
        "signed_at": at,
        "treated_minutes": 53,
        "measures": [],
        **changes,
    }


def patient(version: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "patient_id": PATIENT,
        "version": version,
        "given_name": "Test",
        "family_name": "Patient",
        "birth_date": datetime(1980, 2, 29).date(),  # noqa: DTZ001
        "time_zone": "America/New_York",
        "contact_consent": {"sms": True, "email": True},
        **changes,
    }


def requests(outcomes: Harness) -> list[tuple[str, bool]]:
    return [(event.data["purpose"], event.data["reminder"]) for event in outcomes.published("assessment.requested")]


def tick(outcomes: Harness, **later: float) -> None:
    outcomes.clock.advance(timedelta(**later))
    outcomes.run_job("ask-due")


def answer(outcomes: Harness, pain: int, role: str = "patient", subject: str = PATIENT) -> None:
    assessment_id = outcomes.published("assessment.requested")[-1].data["assessment_id"]
    client = outcomes.as_(role, subject=subject)
    sent = client.post(f"/v1/assessments/{assessment_id}/answers", {"answers": {"pain": pain}})
    assert sent.status_code == 201, sent.json


def episodes(outcomes: Harness) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = outcomes.as_("owner").get(f"/v1/episodes?patient_id={PATIENT}").json["items"]
    return items


@pytest.mark.parametrize("first", ["evaluation", "booking"])
def test_the_baseline_reaches_the_patient_before_the_first_visit(outcomes: Harness, first: str) -> None:
    first_visit = MONDAY + timedelta(days=4)
    known = [("evaluation.signed", evaluation()), ("appointment.booked", visit(first_visit))]
    for type_, data in known if first == "evaluation" else reversed(known):
        outcomes.deliver(type_, data)
    tick(outcomes, days=1)
    assert requests(outcomes) == []
    tick(outcomes, days=1)
    tick(outcomes, minutes=1)
    assert requests(outcomes) == [("baseline", False)]
    answer(outcomes, 7)
    outcomes.clock.advance(timedelta(days=2, hours=1))
    outcomes.deliver("session.completed", session(outcomes.clock.now()))
    (episode,) = episodes(outcomes)
    (score,) = outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}").json["items"]
    assert (score["episode_id"], score["answered_by"], score["judgement"]) == (
        episode["episode_id"],
        "patient",
        "baseline",
    )
    (assessment,) = outcomes.as_("owner").get(f"/v1/assessments?episode_id={episode['episode_id']}").json["items"]
    assert (assessment["purpose"], assessment["state"]) == ("baseline", "answered")
    assert requests(outcomes) == [("baseline", False)]


def test_a_baseline_that_is_open_after_the_first_session_is_sent_once_more_and_not_asked_twice(
    outcomes: Harness,
) -> None:
    outcomes.deliver("evaluation.signed", evaluation())
    outcomes.deliver("appointment.booked", visit(MONDAY + timedelta(days=1)))
    outcomes.clock.advance(timedelta(days=1, hours=1))
    outcomes.deliver("session.completed", session(outcomes.clock.now()))
    assert requests(outcomes) == [("baseline", False), ("baseline", True)]
    assert len({event.data["assessment_id"] for event in outcomes.published("assessment.requested")}) == 1


def test_a_visit_that_is_cancelled_or_moved_away_is_not_asked_about(outcomes: Harness) -> None:
    outcomes.deliver("evaluation.signed", evaluation())
    outcomes.deliver("appointment.booked", visit(MONDAY + timedelta(days=4)))
    outcomes.deliver("appointment.moved", visit(MONDAY + timedelta(days=9), version=2))
    tick(outcomes, days=3)
    assert requests(outcomes) == []
    outcomes.deliver("appointment.booked", visit(MONDAY + timedelta(days=3, hours=3)))  # older news
    cancelled = visit(MONDAY + timedelta(days=9), version=3, late=False, reason="patient")
    outcomes.deliver("appointment.cancelled", cancelled)
    tick(outcomes, days=5)
    assert requests(outcomes) == []


def test_the_calendar_asks_whether_discharged_or_not_and_reminds_once(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session(MONDAY))
    answer(outcomes, 8)
    (episode,) = episodes(outcomes)
    path = f"/v1/episodes/{episode['episode_id']}"
    tag = outcomes.as_("owner").get(path).headers["ETag"]
    outcomes.clock.advance(timedelta(days=10))
    therapist = outcomes.as_("therapist", subject=THERAPIST)
    done = therapist.post(f"{path}/discharge", {"reason": "goals_met"}, headers={"If-Match": tag})
    assert (done.json["state"], done.json["close_reason"]) == ("closed", "discharged")
    assert done.json["discharge"]["by"] == THERAPIST
    assert done.headers["Fascia-Event"].startswith("episode.closed/")
    for _ in range(180):
        tick(outcomes, days=1)
    expected = [("baseline", False)] + [("end", False), ("end", True)] * 4
    assert requests(outcomes) == expected
    times = [event.time - MONDAY for event in outcomes.published("assessment.requested")]
    assert [at.days for at in times] == [0, 21, 24, 42, 45, 84, 87, 170, 173]
    expired = outcomes.as_("owner").get(f"/v1/assessments?patient_id={PATIENT}&state=expired").json["items"]
    assert len(expired) == 4


def test_a_discharge_needs_the_version_the_therapist_and_an_open_episode(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session(MONDAY))
    (episode,) = episodes(outcomes)
    path, body = f"/v1/episodes/{episode['episode_id']}/discharge", {"reason": "other"}
    own = outcomes.as_("therapist", subject=THERAPIST)
    assert own.post(path, body).status_code == 428
    assert own.post(path, body, headers={"If-Match": '"9"'}).status_code == 412
    wrong = own.post(path, {"reason": "peak reached"}, headers={"If-Match": '"1"'})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "reason")
    other = outcomes.as_("therapist", subject="t-2").post(path, body, headers={"If-Match": '"1"'})
    assert other.status_code == 403
    assert outcomes.as_("owner", "elsewhere").post(path, body, headers={"If-Match": '"1"'}).status_code == 404
    assert own.post(path, body, headers={"If-Match": '"1"'}).status_code == 200
    again = own.post(path, body, headers={"If-Match": '"2"'})
    assert (again.status_code, again.json["code"]) == (409, "episode-not-open")
    outcomes.run_job("close-episodes")
    (closed,) = outcomes.published("episode.closed")
    assert (closed.data["reason"], closed.data["closed_at"]) == ("discharged", MONDAY)


def test_an_episode_says_once_that_its_time_ran_out(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session(MONDAY))
    outcomes.clock.advance(timedelta(days=61))
    outcomes.run_job("close-episodes")
    outcomes.run_job("close-episodes")
    (closed,) = outcomes.published("episode.closed")
    assert (closed.data["reason"], closed.data["closed_at"]) == ("no_visit_60_days", MONDAY + timedelta(days=60))


def test_one_patients_trouble_keeps_nobody_else_waiting(outcomes: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    for practice_id, patient_id in (("demo", "p-1"), ("demo", "p-2"), ("other", "p-3")):
        outcomes.deliver("session.completed", session(MONDAY, f"s-{patient_id}", patient_id=patient_id), practice_id)
    attend = jobs.attend

    def troubled(uow: Any, patient_id: str, sequence: int) -> None:
        if patient_id == "p-1":
            raise RuntimeError("trouble")
        attend(uow, patient_id, sequence)

    monkeypatch.setattr(jobs, "attend", troubled)
    tick(outcomes, days=21)
    asked = [(event.practice_id, event.data["patient_id"]) for event in outcomes.published("assessment.requested")]
    assert asked[3:] == [("demo", "p-2"), ("other", "p-3")]
    monkeypatch.undo()
    outcomes.run_job("ask-due")
    assert outcomes.published("assessment.requested")[-1].data["patient_id"] == "p-1"


def test_answers_that_another_system_hands_over_are_not_called_the_patients(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session(MONDAY))
    answer(outcomes, 8, role="service", subject="kiosk")
    (score,) = outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}").json["items"]
    assert score["answered_by"] == "unknown"


def test_nobody_asks_a_patient_who_died(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session(MONDAY))
    outcomes.deliver("patient.updated", patient(version=2, deceased=True))
    outcomes.deliver("patient.registered", patient(version=1))
    tick(outcomes, days=21)
    assert requests(outcomes) == [("baseline", False)]


def test_of_a_person_only_what_results_need_is_kept_and_sealed(outcomes: Harness) -> None:
    outcomes.deliver("patient.registered", patient(phone="+16175550123", email="patient@example.org", sex="female"))
    raw = outcomes.raw()
    for secret in ("1980-02-29", "Patient", "+16175550123", "patient@example.org", "female"):
        assert secret not in raw
    assert "America/New_York" in raw


def test_history_that_is_loaded_again_asks_only_what_is_due_from_now_on(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session(MONDAY - timedelta(days=80)), backfill=True)
    outcomes.run_job("ask-due")
    assert requests(outcomes) == []
    tick(outcomes, days=4)
    assert requests(outcomes) == [("end", False)]


def test_the_policy_is_versioned_and_decides_from_then_on(outcomes: Harness) -> None:
    owner = outcomes.as_("owner")
    before = owner.get("/v1/follow-up-policy")
    assert (before.json["version"], before.json["days"]) == (1, [21, 42, 84, 170])
    changed = owner.put("/v1/follow-up-policy", {"days": [10, 84], "open_days": 5}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert owner.get("/v1/follow-up-policy?version=1").json["days"] == [21, 42, 84, 170]
    stale = owner.put("/v1/follow-up-policy", {}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    refused = owner.put("/v1/follow-up-policy", {"days": [21, 42]}, headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "days")
    assert outcomes.as_("dispatcher").get("/v1/follow-up-policy").status_code == 403
    assert outcomes.as_("therapist").put("/v1/follow-up-policy", {}, headers={"If-Match": '"2"'}).status_code == 403
    outcomes.deliver("session.completed", session(MONDAY))
    answer(outcomes, 8)
    tick(outcomes, days=10)
    assert requests(outcomes) == [("baseline", False), ("follow_up", False)]


def test_response_rates_by_therapist_and_purpose(outcomes: Harness) -> None:
    outcomes.deliver("session.completed", session(MONDAY))
    answer(outcomes, 8)
    tick(outcomes, days=21)
    tick(outcomes, days=8)
    period = f"from={MONDAY:%Y-%m-%d}&to={MONDAY + timedelta(days=60):%Y-%m-%d}"
    rates = outcomes.as_("admin").get(f"/v1/response-rates?{period}").json
    assert (rates["all"]["asked"], rates["all"]["rate"]) == (2, 0.5)
    assert rates["therapists"][THERAPIST]["expired"] == 1
    assert (rates["purposes"]["baseline"]["rate"], rates["purposes"]["end"]["rate"]) == (1.0, 0.0)
    mine = outcomes.as_("therapist", subject="t-2").get(f"/v1/response-rates?{period}&therapist_id={THERAPIST}")
    assert mine.json["all"]["asked"] == 0
    refused = outcomes.as_("admin").get("/v1/response-rates?from=2027-01-02&to=2027-01-02")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "to")
