"""The page behind the signed link, and its JSON sister: answered once, scored at once, and nothing half done."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from fascia.links import QUESTIONNAIRE, sign_link
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENT = "p-1"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def ask(outcomes: Harness, condition: str = "M54.59", **measures: dict[str, float]) -> dict[str, Any]:
    """A session after which the patient is asked; returns the assessment."""
    outcomes.deliver(
        "session.completed",
        {
            "session_id": "s-1",
            "version": 1,
            "appointment_id": "a-1",
            "patient_id": PATIENT,
            "therapist_id": "t-1",
            "setting": "mobile",
            "service_type": "massage-60",
            "condition_codes": [condition],
            "started_at": MONDAY - timedelta(hours=1),
            "ended_at": MONDAY,
            "signed_at": MONDAY,
            "treated_minutes": 53,
            "measures": [{"instrument": name, "answers": answers} for name, answers in measures.items()],
        },
    )
    (assessment,) = outcomes.as_("service").get(f"/v1/assessments?patient_id={PATIENT}").json["items"]
    found: dict[str, Any] = assessment
    return found


def link(outcomes: Harness, assessment: dict[str, Any], days: int = 7, practice_id: str = "demo") -> str:
    expires_at = outcomes.clock.now() + timedelta(days=days)
    token = sign_link(outcomes.runtime.keyring, QUESTIONNAIRE, assessment["assessment_id"], practice_id, expires_at)
    return f"/q/{token}"


def patient_scores(outcomes: Harness) -> list[dict[str, Any]]:
    items = outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}").json["items"]
    return [item for item in items if item["source"] == "patient"]


def test_the_patient_answers_and_it_is_scored_against_the_baseline(outcomes: Harness) -> None:
    assessment = ask(outcomes, NPRS={"pain": 7})
    browser, path = outcomes.anonymous(), link(outcomes, assessment)
    page = browser.get(path)
    assert page.status_code == 200
    assert page.text.count('type="radio"') == 11
    outcomes.clock.advance(timedelta(hours=3))
    sent = browser.post(path, data={"pain": "3"})
    assert sent.status_code == 200
    assert "Thank you" in sent.text
    (score,) = patient_scores(outcomes)
    assert (score["value"], score["change"], score["judgement"]) == (3, 4, "improved")
    assert (score["session_id"], score["therapist_id"]) == ("s-1", "t-1")
    event = outcomes.published("outcome.scored")[-1]
    assert (event.data["source"], event.data["assessment_id"]) == ("patient", assessment["assessment_id"])
    assert sent.headers["Fascia-Event"] == f"outcome.scored/{event.id}"


def test_looking_changes_nothing_and_a_second_visit_shows_what_happened(outcomes: Harness) -> None:
    browser, path = outcomes.anonymous(), link(outcomes, ask(outcomes, NPRS={"pain": 7}))
    for _ in range(3):
        assert "Thank you" not in browser.get(path).text
    assert browser.head(path).status_code == 200
    assert patient_scores(outcomes) == []
    browser.post(path, data={"pain": "3"})
    assert "Your answers arrived on January 11, 2027 at 2:00 PM UTC" in browser.get(path).text
    again = browser.post(path, data={"pain": "9"})
    assert (again.status_code, "Thank you" in again.text) == (200, True)
    assert [score["value"] for score in patient_scores(outcomes)] == [3]


def test_a_double_tap_counts_once(outcomes: Harness) -> None:
    path = link(outcomes, ask(outcomes, NPRS={"pain": 7}))

    def tap(answer: int) -> int:
        return outcomes.anonymous().post(path, data={"pain": str(answer)}).status_code

    with ThreadPoolExecutor(4) as taps:
        assert set(taps.map(tap, (1, 2, 3, 4))) == {200}
    assert len(patient_scores(outcomes)) == 1
    assert len(outcomes.published("outcome.scored")) == 2


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "has no answer yet"),
        ({"pain": ""}, "has no answer yet"),
        ({"pain": "11"}, "not within 0 to 10"),
        ({"pain": "3.5"}, "not a whole number"),
        ({"pain": "a lot"}, "not a number"),
        ({"pain": ["3", "4"]}, "not a number"),
        ({"pain": "<script>alert(1)</script>"}, "not a number"),
    ],
)
def test_wrong_answers_show_the_page_again_with_the_reason(outcomes: Harness, form: dict[str, Any], says: str) -> None:
    browser, path = outcomes.anonymous(), link(outcomes, ask(outcomes, NPRS={"pain": 7}))
    answer = browser.post(path, data=form)
    assert answer.status_code == 422
    assert says in answer.text
    assert "<script" not in answer.text
    assert patient_scores(outcomes) == []
    assert "Fascia-Event" not in answer.headers
    assert browser.post(path, data={"pain": "4"}).status_code == 200


def test_right_answers_survive_a_wrong_one(outcomes: Harness) -> None:
    browser, path = outcomes.anonymous(), link(outcomes, ask(outcomes, condition="G56.01"))
    answer = browser.post(path, data={"pain": "4", "enjoyment": "2"})
    assert answer.status_code == 422
    checked = re.findall(r'name="(\w+)" value="(\d+)"[^>]* checked', answer.text)
    assert checked == [("pain", "4"), ("enjoyment", "2")]
    assert answer.text.count('class="wrong"') == 1
    assert 'href="#activity"' in answer.text


def test_an_expired_link_is_gone(outcomes: Harness) -> None:
    browser, path = outcomes.anonymous(), link(outcomes, ask(outcomes, NPRS={"pain": 7}))
    outcomes.clock.advance(timedelta(days=7))
    for answer in (browser.get(path), browser.post(path, data={"pain": "3"})):
        assert answer.status_code == 410
        assert answer.mimetype == "text/html"
        assert "expired" in answer.text
    assert patient_scores(outcomes) == []


def test_a_request_that_expired_before_its_link_is_gone_too(outcomes: Harness) -> None:
    browser, path = outcomes.anonymous(), link(outcomes, ask(outcomes, NPRS={"pain": 7}), days=30)
    outcomes.clock.advance(timedelta(days=7))
    assert browser.get(path).status_code == 410
    assert browser.post(path, data={"pain": "3"}).status_code == 410
    assert patient_scores(outcomes) == []


def test_forged_links_learn_nothing(outcomes: Harness) -> None:
    assessment = ask(outcomes, NPRS={"pain": 7})
    browser, path = outcomes.anonymous(), link(outcomes, assessment)
    other_purpose = sign_link(
        outcomes.runtime.keyring, "cancellation", assessment["assessment_id"], "demo", MONDAY + timedelta(days=1)
    )
    for forged in (path[:-1], path + "A", "/q/x", f"/q/{other_purpose}", path.replace("/q/", "/q/_")):
        answer = browser.post(forged, data={"pain": "3"})
        assert (answer.status_code, answer.mimetype) == (403, "text/html")
        assert "does not work" in answer.text
    assert browser.get(link(outcomes, assessment, practice_id="other")).status_code == 404
    assert browser.get(link(outcomes, {"assessment_id": "nobody"})).status_code == 404
    assert patient_scores(outcomes) == []


def test_the_page_needs_nothing_from_elsewhere_and_names_no_condition(outcomes: Harness) -> None:
    path = link(outcomes, ask(outcomes, condition="G56.01"))
    page = outcomes.anonymous().get(path)
    assert not re.search(r"(src|href)=[\"'](?!#|\?lang=)|<script|url\(|@import|style=", page.text)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.text.count("<fieldset") == page.text.count("<legend") == 3
    assert page.text.count('type="radio"') == page.text.count("<label") == 33
    visible = re.sub(r"<[^>]+>|<style.*?</style>", " ", page.text, flags=re.S).lower()
    for word in ("carpal", "wrist", "hand", "nerve", "g56", "massage", "patient", PATIENT):
        assert not re.search(rf"\b{word}\b", visible), word


def test_named_activities_may_be_left_out_but_no_others_rated(outcomes: Harness) -> None:
    asked = ask(outcomes, condition="S83.511A", PSFS={"activity_1": 2, "activity_3": 4})
    browser, path = outcomes.anonymous(), link(outcomes, asked)
    assert browser.post(path, data={"activity_1": "5", "activity_2": "5"}).status_code == 422
    nothing = browser.post(path, data={"activity_1": ""})
    assert (nothing.status_code, "There is no answer at all." in nothing.text) == (422, True)
    assert browser.post(path, data={"activity_1": "6", "activity_3": ""}).status_code == 200
    (score,) = patient_scores(outcomes)
    assert (score["value"], score["change"], score["compared_items"]) == (6, 4, ["activity_1"])


def test_a_json_client_answers_for_the_patient(outcomes: Harness) -> None:
    assessment = ask(outcomes, NPRS={"pain": 7})
    path = f"/v1/assessments/{assessment['assessment_id']}"
    patient = outcomes.as_("patient", subject=PATIENT)
    assert patient.get(path).json["items"][0]["code"] == "pain"
    assert [item["state"] for item in patient.get("/v1/assessments").json["items"]] == ["requested"]
    answer = patient.post(f"{path}/answers", {"answers": {"pain": 5}})
    assert (answer.status_code, answer.json["state"], answer.json["answers"]) == (201, "answered", {"pain": 5})
    assert answer.headers["Fascia-Event"].startswith("outcome.scored/")
    assert [score["value"] for score in patient_scores(outcomes)] == [5]
    again = patient.post(f"{path}/answers", {"answers": {"pain": 1}})
    assert (again.status_code, again.json["code"]) == (409, "already-answered")


def test_json_answers_are_refused_by_name(outcomes: Harness) -> None:
    path = f"/v1/assessments/{ask(outcomes)['assessment_id']}/answers"
    service = outcomes.as_("service")
    for answers, field in (
        ({"pain": "5"}, "answers.pain"),
        ({"pain": 5.5}, "answers.pain"),
        ({"pain": True}, "answers.pain"),
        ({"pain": [5]}, "answers.pain"),
        ({"pain": 11}, "answers.pain"),
        ({"pain": None}, "answers.pain"),
        ({"ache": 5, "pain": 5}, "answers.ache"),
        ({}, "answers.pain"),
        (5, "answers"),
    ):
        answer = service.post(path, {"answers": answers})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field), answers
        assert answer.json["errors"][0]["fix"]
    assert patient_scores(outcomes) == []
    outcomes.clock.advance(timedelta(days=8))
    assert service.post(path, {"answers": {"pain": 5}}).status_code == 410


def test_other_patients_and_practices_do_not_learn_that_an_assessment_exists(outcomes: Harness) -> None:
    path = f"/v1/assessments/{ask(outcomes)['assessment_id']}"
    for stranger in (outcomes.as_("patient", subject="p-2"), outcomes.as_("service", practice_id="other")):
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}/answers", {"answers": {"pain": 5}}).status_code == 404
    assert outcomes.as_("patient", subject="p-2").get("/v1/assessments").json["items"] == []
    assert outcomes.as_("dispatcher").get(path).status_code == 403


def test_one_open_question_at_a_time_and_a_new_one_after_it_expired(outcomes: Harness) -> None:
    ask(outcomes, NPRS={"pain": 7})
    session = outcomes.published("outcome.scored")[0].data

    def another(id_: str) -> None:
        now = outcomes.clock.now()
        outcomes.deliver(
            "session.completed",
            {
                "session_id": id_,
                "version": 1,
                "appointment_id": f"a-{id_}",
                "patient_id": session["patient_id"],
                "therapist_id": "t-2",
                "setting": "clinic",
                "service_type": "massage-60",
                "condition_codes": ["M54.2"],
                "started_at": now - timedelta(hours=1),
                "ended_at": now,
                "signed_at": now,
                "treated_minutes": 30,
                "measures": [],
            },
        )

    outcomes.clock.advance(timedelta(days=2))
    another("s-2")
    assert len(outcomes.published("assessment.requested")) == 1
    outcomes.clock.advance(timedelta(days=6))
    another("s-3")
    assert len(outcomes.published("assessment.requested")) == 2
    states = outcomes.as_("owner").get(f"/v1/assessments?patient_id={PATIENT}").json["items"]
    assert [item["state"] for item in states] == ["expired", "requested"]
