"""GET /v1/instruments: all that can be measured, how it is scored, and where each fact comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fascia.testing.harness import Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def listed(outcomes: Harness, query: str = "limit=200") -> dict[str, dict[str, Any]]:
    page = outcomes.as_("therapist").get(f"/v1/instruments?{query}")
    assert page.status_code == 200, page.json
    return {item["id"]: item for item in page.json["items"]}


def test_all_instruments_are_listed_page_by_page(outcomes: Harness) -> None:
    whole = listed(outcomes)
    assert len(whole) == 32
    page = outcomes.as_("therapist").get("/v1/instruments?limit=7").json
    seen = [item["id"] for item in page["items"]]
    while page["next_cursor"]:
        page = outcomes.as_("therapist").get(f"/v1/instruments?limit=7&cursor={page['next_cursor']}").json
        seen += [item["id"] for item in page["items"]]
    assert seen == list(whole)


def test_a_form_with_a_table_shows_every_row(outcomes: Harness) -> None:
    form = listed(outcomes, "instrument=promis-anxiety-4a-v1.0")["promis-anxiety-4a-v1.0"]
    assert len(form["table"]) == 17
    assert form["table"][0] == {"raw": 4, "t": 40.3, "standard_error": 6.1}
    assert form["rule"] == "T-score by table, from the sum of 4, all required"
    assert form["bands"][1] == {"start": 55.0, "inclusive": False, "label": "mild"}
    assert form["licence_required"] is False


def test_wording_that_is_not_ours_is_absent_and_says_so(outcomes: Harness) -> None:
    mood = listed(outcomes, "family=mood")
    assert list(mood) == ["GAD-7", "PHQ-9"]
    assert (mood["PHQ-9"]["wording_shipped"], mood["PHQ-9"]["introduction"]) == (False, None)
    assert mood["PHQ-9"]["never_paid"] is True
    assert mood["PHQ-9"]["items"][8] == {
        "code": "phq9_9",
        "loinc": "44260-8",
        "text": None,
        "lowest": 0,
        "highest": 3,
        "lowest_label": None,
        "highest_label": None,
        "points": None,
        "alert_above": 0,
    }


def test_what_needs_a_licence_and_what_has_parts(outcomes: Harness) -> None:
    found = listed(outcomes, "family=arm-and-leg")
    assert {id_: item["licence_required"] for id_, item in found.items()} == {
        "BCTQ": False,
        "LEFS": True,
        "QuickDASH": True,
    }
    assert [(part["code"], part["optional"]) for part in found["QuickDASH"]["parts"]] == [
        ("work", True),
        ("sport", True),
    ]
    assert (found["QuickDASH"]["missing"], found["QuickDASH"]["minimum_answered"]) == ("at_least", 10)
    assert listed(outcomes, "instrument=ROM")["ROM"]["mic"] is None
    assert [domain["divisor"] for domain in listed(outcomes, "instrument=FIQR")["FIQR"]["domains"]] == [3, 1, 2]


def test_every_fact_has_its_evidence(outcomes: Harness) -> None:
    facts = [fact for item in listed(outcomes).values() for fact in item["facts"]]
    assert {fact["evidence"] for fact in facts} == {"seen", "own", "recalled"}
    assert all(fact["source"] for fact in facts)
