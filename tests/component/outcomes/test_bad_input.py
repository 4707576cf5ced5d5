"""Bad input has a named outcome that somebody can see: a refused score or a finding. Nothing vanishes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fascia.links import QUESTIONNAIRE, sign_link
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENT, THERAPIST = "p-1", "t-1"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def treat(outcomes: Harness, *measures: dict[str, Any], version: int = 1, id_: str = "s-1", **changes: Any) -> None:
    outcomes.deliver(
        "session.completed" if version == 1 else "session.amended",
        {
            "session_id": id_,
            "version": version,
            "appointment_id": f"a-{id_}",
            "patient_id": PATIENT,
            "therapist_id": THERAPIST,
            "setting": "clinic",
            "service_type": "massage-60",
            "condition_codes": ["M54.59"],
            "started_at": MONDAY - timedelta(hours=1),
            "ended_at": MONDAY,
            "signed_at": MONDAY,
            "treated_minutes": 53,
            "measures": list(measures),
            **changes,
        },
    )


def asked(outcomes: Harness) -> str:
    (assessment,) = outcomes.as_("service").get(f"/v1/assessments?patient_id={PATIENT}").json["items"]
    return str(assessment["assessment_id"])


def findings(outcomes: Harness, query: str = "") -> list[dict[str, Any]]:
    answer = outcomes.as_("owner").get(f"/v1/findings?patient_id={PATIENT}&{query}")
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def refused(outcomes: Harness) -> dict[str, set[str]]:
    items = outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}&state=refused").json["items"]
    assert all(item["value"] is None and item["state"] == "refused" for item in items)
    return {item["instrument"]: {fault["code"] for fault in item["refusals"]} for item in items}


def answer(outcomes: Harness, subject: str = PATIENT, pain: Any = 3, **more: Any) -> Any:
    path = f"/v1/assessments/{asked(outcomes)}/answers"
    return outcomes.as_("patient", subject=subject).post(path, {"answers": {"pain": pain}, **more})


def test_what_a_note_brings_and_cannot_be_scored_is_a_refused_score(outcomes: Harness) -> None:
    treat(
        outcomes,
        {"instrument": "NPRS", "answers": {"pain": 11}},
        {"instrument": "PEG", "version": "99", "answers": {"pain": 1, "enjoyment": 1, "activity": 1}},
        {"instrument": "Made Up", "answers": {"x": 1}},
        {"instrument": "PSFS", "answers": {"activity_1": 3}},
        {"instrument": "PSFS", "answers": {"activity_1": 4}},
    )
    assert refused(outcomes) == {
        "NPRS": {"out_of_range"},
        "PEG": {"unknown_version"},
        "Made Up": {"unknown_instrument"},
        "PSFS": {"measured_twice"},
    }
    assert outcomes.published("outcome.scored") == []
    wrong = outcomes.as_("owner").get("/v1/scores?state=odd")
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "state")


def test_a_measure_may_name_the_version_that_was_answered(outcomes: Harness) -> None:
    treat(outcomes, {"instrument": "NPRS", "version": "1", "answers": {"pain": 4}})
    (score,) = outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}").json["items"]
    assert (score["instrument_version"], score["value"], score["answered_by"]) == ("1", 4, "therapist")


def test_a_session_without_measures_is_found_until_an_amendment_brings_some(outcomes: Harness) -> None:
    treat(outcomes)
    (found,) = findings(outcomes, "session_id=s-1")
    assert (found["code"], found["session_id"], found["by"]) == ("session-without-measures", "s-1", THERAPIST)
    assert found["message"]
    treat(outcomes, {"instrument": "NPRS", "answers": {"pain": 4}}, version=2)
    assert findings(outcomes) == []
    treat(outcomes, version=3)
    assert [item["code"] for item in findings(outcomes)] == ["session-without-measures"]


@pytest.fixture
def measured(outcomes: Harness) -> Harness:
    treat(outcomes, {"instrument": "NPRS", "answers": {"pain": 7}})
    return outcomes


def test_answers_that_cannot_be_scored_are_found_and_not_kept(measured: Harness) -> None:
    assert answer(measured, pain=42).status_code == 422
    assert answer(measured, pain=43).status_code == 422
    (found,) = findings(measured)
    assert (found["code"], found["times"], found["by"]) == ("answers-refused", 2, PATIENT)
    assert [(fault["code"], fault["item"]) for fault in found["refusals"]] == [("out_of_range", "pain")]
    assert answer(measured).status_code == 201


def test_answers_that_come_twice_or_late_are_found(measured: Harness) -> None:
    assert answer(measured).status_code == 201
    twice = answer(measured, pain=9)
    assert (twice.status_code, twice.json["code"]) == (409, "already-answered")
    assert [item["code"] for item in findings(measured)] == ["already-answered"]
    values = [item["value"] for item in measured.as_("owner").get(f"/v1/scores?patient_id={PATIENT}").json["items"]]
    assert sorted(values) == [3, 7]


def test_answers_after_the_window_are_found(measured: Harness) -> None:
    measured.clock.advance(timedelta(days=8))
    late = answer(measured)
    assert (late.status_code, late.json["code"]) == (410, "assessment-expired")
    assert [item["code"] for item in findings(measured)] == ["assessment-expired"]


def test_answers_to_another_version_are_found(measured: Harness) -> None:
    other = answer(measured, instrument_version="7")
    assert (other.status_code, other.json["code"]) == (409, "other-version")
    assert other.json["errors"][0]["field"] == "instrument_version"
    assert [item["code"] for item in findings(measured)] == ["other-version"]
    assert answer(measured, instrument_version="1").status_code == 201


def test_the_wrong_person_learns_nothing_and_is_found(measured: Harness) -> None:
    strange = answer(measured, subject="p-2")
    assert (strange.status_code, strange.json["code"]) == (404, "not-found")
    (found,) = findings(measured)
    assert (found["code"], found["by"], found["patient_id"]) == ("wrong-person", "p-2", PATIENT)
    assert (
        measured.as_("therapist", subject=THERAPIST)
        .post(f"/v1/assessments/{asked(measured)}/answers", {"answers": {"pain": 0}})
        .status_code
        == 403
    )
    assert answer(measured).status_code == 201


def test_a_therapist_reads_findings_about_patients_whom_they_treat(measured: Harness) -> None:
    path = f"/v1/findings?patient_id={PATIENT}"
    assert measured.as_("therapist", subject=THERAPIST).get(path).status_code == 200
    assert measured.as_("therapist", subject="t-2").get(path).status_code == 403
    assert measured.as_("therapist", subject=THERAPIST).get("/v1/findings").status_code == 422
    assert measured.as_("biller").get(path).status_code == 403
    assert measured.as_("owner", "other").get(path).json["items"] == []


def test_an_evaluation_that_was_signed_again_without_measures_has_none_in_either_order(outcomes: Harness) -> None:
    def evaluation(day: int, *measures: dict[str, Any]) -> dict[str, Any]:
        return {
            "patient_id": PATIENT,
            "evaluation_id": "e-1",
            "therapist_id": "t-9",
            "result": "cleared",
            "condition_codes": ["M54.59"],
            "signed_at": MONDAY - timedelta(days=day),
            "measures": list(measures),
        }

    treat(outcomes)
    outcomes.deliver("evaluation.signed", evaluation(2))
    outcomes.deliver("evaluation.signed", evaluation(3, {"instrument": "NPRS", "answers": {"pain": 9}}))
    assert outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}").json["items"] == []


def test_what_the_page_turns_away_is_found_too(measured: Harness) -> None:
    def page(days: int) -> str:
        until = measured.clock.now() + timedelta(days=days)
        return f"/q/{sign_link(measured.runtime.keyring, QUESTIONNAIRE, asked(measured), 'demo', until)}"

    browser, path = measured.anonymous(), page(90)
    assert browser.post(path, data={"pain": "42"}).status_code == 422
    assert browser.post(path, data={"pain": "4"}).status_code == 200
    assert browser.post(path, data={"pain": "5"}).status_code == 200
    assert sorted((item["code"], item["times"]) for item in findings(measured)) == [
        ("already-answered", 1),
        ("answers-refused", 1),
    ]
    values = [item["value"] for item in measured.as_("owner").get(f"/v1/scores?patient_id={PATIENT}").json["items"]]
    assert sorted(values) == [4, 7]


def test_the_page_after_the_window_is_found(measured: Harness) -> None:
    until = measured.clock.now() + timedelta(days=90)
    path = f"/q/{sign_link(measured.runtime.keyring, QUESTIONNAIRE, asked(measured), 'demo', until)}"
    measured.clock.advance(timedelta(days=60))
    assert measured.anonymous().post(path, data={"pain": "5"}).status_code == 410
    assert [item["code"] for item in findings(measured)] == ["assessment-expired"]
