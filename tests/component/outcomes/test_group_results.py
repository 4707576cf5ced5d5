"""From signed sessions and patients' answers to what a practice, its locations and its therapists achieved."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from fascia.backbone.dispatch import Fate
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded

# 12, 13 and 4 patients who answer at start and end; one more of t-1 never answers again.
PATIENTS = {"t-1": 12, "t-2": 13, "t-3": 4}
PERIOD = "from=2027-01-01&to=2027-01-31"


@pytest.fixture(scope="module")
def practice(mongodb_uri: str) -> Iterator[Harness]:
    """A practice whose patients began on one day, answered then and on day 84, and whose episodes have ended."""
    harness = Harness(SERVICE, mongodb_uri)
    patients = [(f"{therapist}.{n}", therapist, n) for therapist, count in PATIENTS.items() for n in range(count)]
    records = [harness.event("session.completed", session(id_, therapist)) for id_, therapist, _ in patients]
    records += [harness.event("session.completed", session("lost", "t-1"))]
    with ThreadPoolExecutor(4) as workers:
        assert set(workers.map(harness.redeliver, records)) == {Fate.HANDLED}
    for id_, _, _ in patients:
        answer(harness, id_, 8)
    answer(harness, "lost", 8)
    harness.clock.advance(timedelta(days=84))
    harness.run_job("ask-due")
    for id_, therapist, n in patients:
        # All of t-1's patients improve by 4; of t-2's every second does; t-3's get worse.
        answer(harness, id_, {"t-1": 4, "t-2": 4 if n % 2 else 8, "t-3": 10}[therapist])
    # The job that closes episodes has not run: results do not wait for it.
    harness.clock.advance(timedelta(days=30))
    yield harness
    harness.close()


def session(patient_id: str, therapist_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "session_id": f"s-{patient_id}",
        "version": 1,
        "appointment_id": f"a-{patient_id}",
        "patient_id": patient_id,
        "therapist_id": therapist_id,
        "location_id": "north" if therapist_id == "t-1" else "south",
        "setting": "clinic",
        "service_type": "massage-60",
        "condition_codes": ["M54.59"],
        "started_at": MONDAY - timedelta(hours=1),
        "ended_at": MONDAY,
        "signed_at": MONDAY,
        "treated_minutes": 53,
        "measures": [],
        **changes,
    }


def answer(harness: Harness, patient_id: str, pain: int) -> None:
    patient = harness.as_("patient", subject=patient_id)
    asked = [item for item in patient.get("/v1/assessments").json["items"] if item["state"] == "requested"]
    done = patient.post(f"/v1/assessments/{asked[-1]['assessment_id']}/answers", {"answers": {"pain": pain}})
    assert done.status_code == 201, done.json


def get(harness: Harness, path: str, role: str = "owner", subject: str = "someone", **headers: str) -> Any:
    return harness.as_(role, subject=subject).get(f"/v1/results/{path}", headers=headers)


def test_the_practice_sees_how_many_improved_and_how_much_is_known(practice: Harness) -> None:
    found = get(practice, f"practice?{PERIOD}").json
    known = found["completeness"]
    assert (known["closed"], known["with_baseline"], known["followed_up"], known["awaited"]) == (30, 30, 29, 1)
    assert known["share_followed_up"] == pytest.approx(29 / 30, abs=1e-4)
    improved = found["whole"]["improved"]
    assert (improved["episodes"], improved["of"], improved["value"]) == (29, 30, pytest.approx(18 / 29, abs=1e-4))
    assert improved["low"] < improved["value"] < improved["high"]
    (pain,) = found["by_instrument"]
    assert pain["key"] == "NPRS"
    assert pain["mean_change"]["value"] == pytest.approx((18 * 4 - 4 * 2) / 29, abs=1e-4)
    assert pain["response"]["value"] > 0
    assert (found["whole"]["residual"]["value"], found["whole"]["residual"]["missing"]) == (None, "no_model")


def test_a_therapist_with_few_patients_cannot_be_computed(practice: Harness) -> None:
    """t-3 has four, so t-1 or t-2 is left out as well: the total minus the other would tell of t-3."""
    whole = {id_: get(practice, f"therapists/{id_}?{PERIOD}").json["whole"] for id_ in PATIENTS}
    assert {id_: group["suppressed"] for id_, group in whole.items()} == {"t-1": True, "t-2": False, "t-3": True}
    assert all(whole["t-3"][name] is None for name in ("improved", "residual", "mean_change", "response"))
    assert whole["t-2"]["improved"]["value"] == pytest.approx(6 / 13, abs=1e-4)


def test_locations_are_told_apart(practice: Harness) -> None:
    north, south, nowhere = (get(practice, f"locations/{id_}?{PERIOD}").json for id_ in ("north", "south", "none"))
    assert (north["whole"]["improved"]["value"], north["completeness"]["closed"]) == (1.0, 13)
    assert south["whole"]["improved"]["episodes"] == 17
    assert (nowhere["completeness"]["episodes"], nowhere["whole"]["improved"]) == (0, None)


def test_the_funnel_compares_what_may_be_shown(practice: Harness) -> None:
    found = get(practice, f"funnel?by=location&{PERIOD}").json
    assert found["measure"] == "improved"
    north, south = sorted(found["funnel"]["points"], key=lambda point: str(point["group"]))
    assert (north["group"], north["value"], north["position"]) == ("north", 1.0, "above_95")
    assert south["limits"]["low_99_8"] < south["limits"]["low_95"] < found["funnel"]["target"]
    assert "chance alone" in " ".join(found["notes"])
    therapists = get(practice, f"funnel?{PERIOD}").json["funnel"]
    assert ([point["group"] for point in therapists["points"]], therapists["hidden"]) == (["t-2"], 2)


def test_a_therapist_sees_own_results_and_nobody_elses(practice: Harness) -> None:
    own = get(practice, f"therapists/t-2?{PERIOD}", "therapist", "t-2")
    assert own.json["whole"]["improved"]["episodes"] == 13
    other = get(practice, f"therapists/t-1?{PERIOD}", "therapist", "t-2")
    assert (other.status_code, other.json["code"]) == (403, "not-your-results")
    assert get(practice, f"practice?{PERIOD}", "therapist", "t-2").status_code == 403
    assert get(practice, f"locations/north?{PERIOD}", "therapist", "t-2").status_code == 403
    assert get(practice, f"funnel?by=location&{PERIOD}", "therapist", "t-2").status_code == 403
    # With so few colleagues everybody would know whose point is whose.
    funnel = get(practice, f"funnel?{PERIOD}", "therapist", "t-2")
    assert (funnel.status_code, funnel.json["funnel"]) == (200, None)
    assert "t-1" not in funnel.text
    assert "t-1" not in get(practice, f"therapists/t-2?{PERIOD}&format=html", "therapist", "t-2").text


@pytest.mark.parametrize("role", ["biller", "dispatcher", "patient", "service"])
def test_others_see_no_results(practice: Harness, role: str) -> None:
    for path in ("practice", "locations/north", "therapists/t-1", "funnel"):
        assert get(practice, path, role).status_code == 403
    assert practice.anonymous().get("/v1/results/practice").status_code == 401


def test_practices_do_not_see_each_others_results(practice: Harness) -> None:
    found = practice.as_("owner", "other").get(f"/v1/results/practice?{PERIOD}").json
    assert (found["completeness"]["episodes"], found["by_condition"]) == (0, [])


def test_results_come_as_csv(practice: Harness) -> None:
    answered = get(practice, f"practice?{PERIOD}", Accept="text/csv")
    assert answered.content_type.startswith("text/csv")
    assert "\r\n" in answered.text
    rows = list(csv.DictReader(io.StringIO(answered.text)))
    improved = next(row for row in rows if (row["part"], row["figure"]) == ("whole", "improved"))
    assert (improved["episodes"], improved["of"], improved["completeness"]) == ("29", "30", "0.9667")
    groups = list(csv.DictReader(io.StringIO(get(practice, f"funnel?{PERIOD}&by=location&format=csv").text)))
    assert sorted(row["group"] for row in groups) == ["north", "south"]


def test_charts_come_as_svg_and_png(practice: Harness) -> None:
    for path in ("practice?", "funnel?by=location&"):
        drawn = get(practice, f"{path}{PERIOD}", Accept="image/svg+xml")
        assert drawn.content_type.startswith("image/svg+xml")
        root = ElementTree.fromstring(drawn.data)
        told = {child.tag.split("}")[1]: child.text or "" for child in root}
        assert "mproved" in told["title"]
        assert "January 2027" in told["desc"]
        again = get(practice, f"{path}{PERIOD}&format=svg")
        assert again.data == drawn.data
        assert get(practice, f"{path}{PERIOD}&format=png").data.startswith(b"\x89PNG")


def test_the_page_stands_alone_and_says_what_it_shows(practice: Harness) -> None:
    page = get(practice, f"practice?{PERIOD}", Accept="text/html,*/*;q=0.5")
    assert page.content_type.startswith("text/html")
    assert "http" not in page.text.replace("http-equiv", "")
    assert "29 of 30 closed episodes" in page.text
    assert 'alt="Improved episodes by location. January 2027.' in page.text
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2027-01-02&to=2027-01-31", "from"),
        ("from=2027-01-01&to=2027-01-30", "to"),
        ("from=2027-02-01&to=2027-01-31", "to"),
        ("from=2020-01-01&to=2027-01-31", "from"),
        ("from=yesterday", "from"),
        ("instrument=GUESS", "instrument"),
        ("condition=back", "condition"),
        ("format=pdf", "format"),
        ("therapist=t-1", "therapist"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_by_name(practice: Harness, query: str, field: str) -> None:
    refused = get(practice, f"practice?{query}")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)
    assert refused.json["errors"][0]["fix"]


def test_filters_take_episodes_of_a_condition_and_an_instrument(practice: Harness) -> None:
    assert get(practice, f"practice?{PERIOD}&condition=M54&instrument=NPRS").json["completeness"]["closed"] == 30
    assert get(practice, f"practice?{PERIOD}&condition=G43").json["completeness"]["closed"] == 0
    assert get(practice, "practice?from=2026-12-01&to=2026-12-31").json["completeness"]["episodes"] == 0
