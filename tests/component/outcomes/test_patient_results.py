"""A patient's scores in plain words: for those who treat them, and behind a signed link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENT, THERAPIST = "p-1", "t-1"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    harness = harness_of(SERVICE)
    harness.deliver("patient.registered", patient("es-US"))
    for number, pain in enumerate((8, 7, 4)):
        harness.deliver("session.completed", session(number, pain))
    return harness


def patient(language: str, version: int = 1) -> dict[str, Any]:
    return {
        "patient_id": PATIENT,
        "version": version,
        "given_name": "Test",
        "family_name": "Patient",
        "birth_date": date(1980, 2, 29),
        "time_zone": "America/New_York",
        "language": language,
        "contact_consent": {"sms": True, "email": True},
    }


def session(number: int, pain: float, at: datetime = MONDAY, **changes: Any) -> dict[str, Any]:
    at = at + timedelta(days=14 * number)
    return {
        "session_id": f"s-{number}",
        "version": 1,
        "appointment_id": f"a-{number}",
        "patient_id": PATIENT,
        "therapist_id": THERAPIST,
        "setting": "clinic",
        "service_type": "massage-60",
        "condition_codes": ["M54.59"],
        "started_at": at - timedelta(hours=1),
        "ended_at": at,
        "signed_at": at,
        "treated_minutes": 53,
        "measures": [{"instrument": "NPRS", "answers": {"pain": pain}}],
        **changes,
    }


def results(outcomes: Harness, query: str = "", role: str = "owner", subject: str = "someone", **headers: str) -> Any:
    return outcomes.as_(role, subject=subject).get(f"/v1/patients/{PATIENT}/results?{query}", headers=headers)


def link(outcomes: Harness) -> str:
    made = outcomes.as_("therapist", subject=THERAPIST).post(f"/v1/patients/{PATIENT}/results/links")
    assert made.status_code == 201, made.json
    path: str = made.json["path"]
    return path


def test_scores_come_with_what_they_say(outcomes: Harness) -> None:
    found = results(outcomes, "language=en").json
    (episode,) = found["episodes"]
    (measured,) = episode["measured"]
    assert [score["value"] for score in measured["scores"]] == [8, 7, 4]
    assert (measured["primary"], measured["heading"]) == (True, "Your pain")
    assert measured["words"][0] == ("You began at 8 on 11 January 2027. Your latest score, on 8 February 2027, is 4.")
    assert "That is a clear improvement." in measured["words"][2]


def test_the_patients_own_language_is_used(outcomes: Harness) -> None:
    found = results(outcomes).json
    assert (found["language"], found["time_zone"]) == ("es", "America/New_York")
    assert found["episodes"][0]["measured"][0]["words"][0].startswith("Usted empezó con 8 el 11 de enero de 2027.")
    page = results(outcomes, Accept="text/html")
    assert '<html lang="es">' in page.text
    assert "una mejora clara" in page.text


def test_a_chart_shows_the_course(outcomes: Harness) -> None:
    drawn = results(outcomes, "format=svg&language=en")
    told = {child.tag.split("}")[1]: child.text for child in ElementTree.fromstring(drawn.data)}
    assert told["title"] == "Your pain"
    assert told["desc"] == "11 January 2027: 8; 25 January 2027: 7; 8 February 2027: 4"
    assert results(outcomes, "format=png").data.startswith(b"\x89PNG")


def test_the_patient_opens_a_link_and_sees_their_own_results(outcomes: Harness) -> None:
    path = link(outcomes)
    assert PATIENT not in path
    page = outcomes.anonymous().get(path)
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "Usted empezó con 8" in page.text
    assert "Test" not in page.text
    assert "data:image/svg+xml;base64," in page.text
    outcomes.clock.advance(timedelta(days=14))
    expired = outcomes.anonymous().get(path)
    assert (expired.status_code, "has expired" in expired.text) == (410, True)
    broken = outcomes.anonymous().get(path[:-4])
    assert (broken.status_code, "does not work" in broken.text) == (403, True)


def test_there_is_no_link_for_a_patient_of_whom_nothing_is_known(outcomes: Harness) -> None:
    answer = outcomes.as_("admin").post("/v1/patients/nobody/results/links")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


def test_who_does_not_treat_the_patient_sees_nothing(outcomes: Harness) -> None:
    assert results(outcomes, role="therapist", subject=THERAPIST).status_code == 200
    other = outcomes.as_("therapist", subject="t-2")
    assert other.get(f"/v1/patients/{PATIENT}/results").status_code == 403
    assert other.post(f"/v1/patients/{PATIENT}/results/links").status_code == 403
    for role in ("biller", "dispatcher", "patient"):
        assert results(outcomes, role=role, subject=PATIENT).status_code == 403
    assert outcomes.as_("owner", "other").get(f"/v1/patients/{PATIENT}/results").json["episodes"] == []


def test_single_answers_and_alerts_never_appear(outcomes: Harness) -> None:
    """PHQ-9's total is a score; what was said to its ninth question is for those who are alerted."""
    answers = {f"phq9_{n}": 1.0 for n in range(1, 10)} | {"phq9_9": 3.0}
    outcomes.deliver(
        "session.completed", session(3, 4, measures=[{"instrument": "PHQ-9", "answers": answers}], session_id="s-9")
    )
    mood = results(outcomes, "language=en").json["episodes"][0]["measured"][-1]
    assert (mood["instrument"], mood["heading"], mood["scores"][0]["value"]) == ("PHQ-9", "How you feel", 11)
    for form in ("format=json", "format=html", "language=en&format=html"):
        text = results(outcomes, form).text.lower()
        for word in ("phq9_9", "answers&#34;", "alert", "suicid", "depress", "severe"):
            assert word not in text, word


def test_a_patient_without_scores_is_told_so(outcomes: Harness) -> None:
    assert "Todavía no hay" not in results(outcomes, "format=html").text
    empty = outcomes.as_("owner").get("/v1/patients/nobody/results?format=html")
    assert "There are no answers to show yet." in empty.text
    assert outcomes.as_("owner").get("/v1/patients/nobody/results?format=png").status_code == 404
