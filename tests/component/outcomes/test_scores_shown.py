"""What /v1/scores says beside the number: rule, band, standard error, reliable change, parts, and who answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENT = "p-1"
PAIN_INTERFERENCE = "promis-pain-interference-4a-v1.0"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def same(instrument: str, answer: int, **others: int) -> Mapping[str, Any]:
    """A measure in which every item has the same answer, but for `others`."""
    found = shipped().current(instrument)
    assert found is not None
    codes = [item.code for item in found.items]
    return {"instrument": instrument, "answers": dict.fromkeys(codes, answer) | others}


def visit(outcomes: Harness, number: int, *measures: Mapping[str, Any]) -> None:
    ended = MONDAY + timedelta(weeks=number - 1)
    outcomes.deliver(
        "session.completed",
        {
            "session_id": f"s-{number}",
            "version": 1,
            "appointment_id": f"a-{number}",
            "patient_id": PATIENT,
            "therapist_id": "t-1",
            "setting": "clinic",
            "service_type": "massage-60",
            "condition_codes": ["M54.59"],
            "started_at": ended - timedelta(hours=1),
            "ended_at": ended,
            "signed_at": ended,
            "treated_minutes": 53,
            "measures": list(measures),
        },
    )


def listed(outcomes: Harness, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = outcomes.as_("owner").get(f"/v1/scores?patient_id={PATIENT}&{query}").json["items"]
    return items


def scores(outcomes: Harness, query: str = "") -> dict[tuple[str, str], dict[str, Any]]:
    return {(item["session_id"], item["instrument"]): item for item in listed(outcomes, query)}


def test_a_promis_score_has_its_standard_error_and_its_change_an_index(outcomes: Harness) -> None:
    visit(outcomes, 1, same(PAIN_INTERFERENCE, 4))
    visit(outcomes, 2, same(PAIN_INTERFERENCE, 2))
    first, second = (scores(outcomes)[f"s-{number}", PAIN_INTERFERENCE] for number in (1, 2))
    table = shipped().current(PAIN_INTERFERENCE)
    assert table is not None
    assert (first["value"], first["standard_error"]) == (
        float(table.table[16].t),
        float(table.table[16].standard_error),
    )
    assert (first["change_rule"], first["rci"], first["no_rci"]) == (None, None, None)
    difference = first["value"] - second["value"]
    index = difference / (first["standard_error"] ** 2 + second["standard_error"] ** 2) ** 0.5
    assert (second["change"], second["rci"]) == (pytest.approx(difference), pytest.approx(index, abs=0.001))
    assert (second["judgement"], second["change_rule"], second["no_rci"]) == ("improved", "rci_and_mic", None)
    assert (first["answered_by"], first["band"] is None) == ("therapist", False)


def test_parts_and_bands_are_shown(outcomes: Harness) -> None:
    visit(outcomes, 1, same("BCTQ", 2, fss_1=5), same("PHQ-9", 1))
    hand, mood = scores(outcomes)["s-1", "BCTQ"], scores(outcomes)["s-1", "PHQ-9"]
    assert (hand["value"], hand["parts"]) == (2, {"fss": 2.38})
    assert hand["rule"]
    assert (mood["value"], mood["band"], mood["parts"]) == (9, "mild", {})


def test_an_instrument_that_belongs_to_somebody_is_refused_by_name_without_a_licence(outcomes: Harness) -> None:
    visit(outcomes, 1, same("NDI", 2))
    assert scores(outcomes) == {}
    refused = scores(outcomes, "state=refused")["s-1", "NDI"]
    assert [fault["code"] for fault in refused["refusals"]] == ["licence_required"]
    assert refused["value"] is None
    terms = {"holder": "Sample Practice", "reference": "L-1", "valid_from": "2027-01-01", "valid_until": None}
    recorded = outcomes.as_("owner").put("/v1/instruments/NDI/licence", {**terms, "terms_seen": True})
    assert recorded.status_code == 200, recorded.json
    visit(outcomes, 2, same("NDI", 1))
    found = scores(outcomes)
    assert (found["s-1", "NDI"]["value"], found["s-2", "NDI"]["value"]) == (40, 20)


def test_an_answer_counts_when_it_was_given_whatever_was_known_of_the_visits_then(outcomes: Harness) -> None:
    """The same answer before and after a session that took place earlier becomes known."""
    outcomes.clock.advance(timedelta(days=7))
    visit(outcomes, 2, {"instrument": "NPRS", "answers": {"pain": 6}})
    outcomes.clock.advance(timedelta(hours=2))
    (asked,) = outcomes.as_("service").get(f"/v1/assessments?patient_id={PATIENT}").json["items"]
    path = f"/v1/assessments/{asked['assessment_id']}/answers"
    assert outcomes.as_("patient", subject=PATIENT).post(path, {"answers": {"pain": 3}}).status_code == 201
    assert sorted(item["change"] or 0 for item in listed(outcomes)) == [0, 3]
    visit(outcomes, 1, {"instrument": "NPRS", "answers": {"pain": 9}})
    items = listed(outcomes)
    told = sorted((item["measured_at"], item["source"], item["value"], item["change"]) for item in items)
    assert [row[1:] for row in told] == [("session", 9, None), ("session", 6, 3), ("patient", 3, 6)]
    (episode,) = outcomes.as_("owner").get(f"/v1/episodes?patient_id={PATIENT}").json["items"]
    assert {item["episode_id"] for item in items} == {episode["episode_id"]}
    assert episode["opened_at"] == "2027-01-11T14:00:00Z"
