"""An episode's progress over the API, and the report that is told to other services after every sixth visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENT, THERAPIST = "p-1", "t-1"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def visit(outcomes: Harness, number: int, pain: float | None, *, version: int = 1, **changes: Any) -> None:
    """Visit 1, 2, ... a week apart, with pain and (for odd numbers) two activities."""
    ended = MONDAY + timedelta(weeks=number - 1)
    measures = [] if pain is None else [{"instrument": "NPRS", "answers": {"pain": pain}}]
    if number % 2 and pain is not None:
        measures.append({"instrument": "PSFS", "answers": {"activity_1": 10 - pain, "activity_2": 5}})
    outcomes.deliver(
        "session.completed" if version == 1 else "session.amended",
        {
            "session_id": f"s-{number}",
            "version": version,
            "appointment_id": f"a-{number}",
            "patient_id": PATIENT,
            "therapist_id": THERAPIST,
            "setting": "clinic",
            "service_type": "massage-60",
            "condition_codes": ["M54.59"],
            "started_at": ended - timedelta(hours=1),
            "ended_at": ended,
            "signed_at": ended,
            "treated_minutes": 53,
            "measures": measures,
            **changes,
        },
    )


def episode_id(outcomes: Harness) -> str:
    (episode,) = outcomes.as_("owner").get(f"/v1/episodes?patient_id={PATIENT}").json["items"]
    return str(episode["episode_id"])


def read(outcomes: Harness, what: str, **who: str) -> Any:
    role = who.pop("role", "owner")
    return outcomes.as_(role, **who).get(f"/v1/episodes/{episode_id(outcomes)}/{what}")


def test_progress_shows_change_trend_and_what_they_suggest(outcomes: Harness) -> None:
    for number, pain in enumerate((8, 7, 6, 5), 1):
        visit(outcomes, number, pain)
    said = read(outcomes, "progress").json
    assert (said["visits"], said["state"]) == (4, "open")
    nprs, psfs = said["instruments"]
    assert (nprs["instrument"], nprs["primary"], psfs["instrument"], psfs["about_function"]) == (
        "NPRS",
        True,
        "PSFS",
        True,
    )
    assert [score["change"] for score in nprs["scores"]] == [None, 1, 2, 3]
    last = nprs["scores"][-1]
    assert (last["judgement"], last["change_rule"], last["rci"], last["no_rci"]) == (
        "improved",
        "mic",
        None,
        "no_standard_error_known",
    )
    assert nprs["thresholds"] == {"mic": 2, "mic_share": 0.3, "mdc": None}
    assert nprs["trend"]["per_week"] == 1
    assert psfs["trend"] is None
    suggested = said["suggestion"]
    assert (suggested["action"], suggested["reason"]) == ("continue", "improving")
    assert (suggested["figures"]["change"], suggested["figures"]["visits"]) == (3, 4)


def test_a_plateau_after_improvement_suggests_discharge(outcomes: Harness) -> None:
    for number, pain in enumerate((8, 4, 3, 4, 4, 3), 1):
        visit(outcomes, number, pain)
    said = read(outcomes, "progress").json
    assert said["instruments"][0]["plateau"]["run"]["scores"] == 5
    assert (said["suggestion"]["action"], said["suggestion"]["reason"]) == ("discharge", "improved_and_stable")
    assert "4.0 weeks" in said["suggestion"]["text"]


def test_a_sharp_setback_suggests_to_look_again_and_a_second_one_to_refer_back(outcomes: Harness) -> None:
    for number, pain in enumerate((5, 5, 8), 1):
        visit(outcomes, number, pain)
    said = read(outcomes, "progress").json
    assert said["instruments"][0]["deterioration"]["against"] == "baseline"
    assert said["suggestion"]["action"] == "re_evaluate"
    visit(outcomes, 4, 8)
    assert read(outcomes, "progress").json["suggestion"]["reason"] == "worse_twice"


def test_an_episode_that_ended_suggests_nothing(outcomes: Harness) -> None:
    visit(outcomes, 1, 8)
    outcomes.clock.advance(timedelta(days=61))
    said = read(outcomes, "progress").json
    assert (said["state"], said["suggestion"]) == ("closed", None)


def test_the_report_of_six_visits_has_its_figures(outcomes: Harness) -> None:
    for number, pain in enumerate((8, 8, 7, 6, 6, 4, 1), 1):
        visit(outcomes, number, pain)
    said = read(outcomes, "progress-report").json
    assert (said["visits"], len(said["sessions"]), said["therapist_id"]) == (6, 6, THERAPIST)
    assert said["sessions"][5]["ended_at"] == said["last_visit_at"] == "2027-02-15T14:00:00Z"
    assert (said["primary"]["baseline"]["value"], said["primary"]["current"]["value"]) == (8, 4)
    assert (said["primary"]["current"]["change"], said["primary"]["current"]["judgement"]) == (4, "improved")
    (psfs,) = said["function"]
    assert (psfs["baseline"]["value"], psfs["current"]["value"]) == (3.5, 4.5)
    assert said["adherence"]["visits_per_week"] == 1
    assert said["adherence"]["longest_gap_days"] == 7
    assert read(outcomes, "progress-report?visits=7").json["primary"]["current"]["value"] == 1
    for wrong, field in (("visits=8", "visits"), ("visits=0", "visits"), ("visit=6", "visit")):
        refused = read(outcomes, f"progress-report?{wrong}")
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)


def test_the_sixth_visit_is_told_once_and_again_only_when_its_figures_change(outcomes: Harness) -> None:
    for number in range(1, 6):
        visit(outcomes, number, 8)
    assert outcomes.published("progress.reported") == []
    visit(outcomes, 6, 5)
    (told,) = outcomes.published("progress.reported")
    assert (told.key, told.data["visits"], len(told.data["visited_at"])) == (PATIENT, 6, 6)
    primary = told.data["primary"]
    assert (primary["baseline"], primary["current"], primary["change"], primary["judgement"]) == (8, 5, 3, "improved")
    assert (told.data["action"], told.data["state"]) == ("continue", "reported")
    visit(outcomes, 7, 2)
    assert len(outcomes.published("progress.reported")) == 1
    visit(outcomes, 6, 7, version=2)
    again = outcomes.published("progress.reported")[1]
    assert (again.data["report_id"], again.data["primary"]["current"]) == (told.data["report_id"], 7)
    assert again.sequence > told.sequence
    for number in (2, 3):
        visit(outcomes, number, 8, version=2, condition_codes=["S83.511A"])
    assert outcomes.published("progress.reported")[-1].data["state"] == "withdrawn"
    for number in range(8, 14):
        visit(outcomes, number, 2)
    visits = [event.data["visits"] for event in outcomes.published("progress.reported")[3:]]
    assert visits == [6, 6]  # the report of the sixth visit came back; of twelve there are eleven


def test_who_may_read_progress(outcomes: Harness) -> None:
    for number in range(1, 7):
        visit(outcomes, number, 8)
    for what in ("progress", "progress-report"):
        assert read(outcomes, what, role="therapist", subject=THERAPIST).status_code == 200
        assert read(outcomes, what, role="therapist", subject="t-2").status_code == 403
        for role in ("biller", "dispatcher", "patient"):
            assert read(outcomes, what, role=role).status_code == 403
        assert read(outcomes, what, role="owner", practice_id="other").status_code == 404
        assert outcomes.as_("owner").get(f"/v1/episodes/no-such/{what}").status_code == 404


def test_episodes_are_found_by_a_session(outcomes: Harness) -> None:
    visit(outcomes, 1, 8)
    visit(outcomes, 2, 8, condition_codes=["S83.511A"])
    (found,) = outcomes.as_("owner").get("/v1/episodes?session_id=s-2").json["items"]
    assert (found["condition"], found["patient_id"]) == ("S83", PATIENT)
    assert outcomes.as_("owner").get("/v1/episodes?session_id=no-such").json["items"] == []
