"""Wording comes in as a FHIR Questionnaire, is bound to items by code, and nothing of the resource is lost.

The forms in data/questionnaires have the shape, the codes and the extensions of published ones, and words of our own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fascia.testing.harness import Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
FORMS = Path(__file__).parent / "data" / "questionnaires"
PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "questionnaires"
INTERFERENCE = {"promis-pain-interference-4a-v1.0": 4, "promis-pain-interference-8a-v1.0": 8}
PEG_ITEMS = ("pain", "enjoyment", "activity")


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def form(name: str) -> Any:
    return json.loads((FORMS / f"{name}.json").read_text(encoding="utf-8"))


def send(outcomes: Harness, resource: Any, query: str = "", role: str = "owner", **options: Any) -> Any:
    data = resource if isinstance(resource, bytes | str) else json.dumps(resource)
    options.setdefault("content_type", "application/fhir+json")
    return outcomes.as_(role).request("POST", f"/v1/questionnaires?{query}", data=data, **options)


def peg(**changes: Any) -> dict[str, Any]:
    """A form of the three PEG items by this project's own codes, with numbers from 0 to 10."""
    items = [
        {
            "linkId": f"q{place}",
            "type": "integer",
            "text": f"Sample question {place}",
            "code": [{"system": "urn:fascia:instrument:PEG", "code": code}],
        }
        for place, code in enumerate(PEG_ITEMS, start=1)
    ]
    return {"resourceType": "Questionnaire", "status": "active", "language": "es", "item": items, **changes}


def bound(answer: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in answer.json["bound"]:
        counts[each["instrument"]] = counts.get(each["instrument"], 0) + 1
    return counts


@pytest.mark.parametrize(
    ("name", "expected", "unbound"),
    [
        ("phq9_ordinals", {"PHQ-9": 9}, []),
        ("gad7_ordinals", {"GAD-7": 7}, []),
        ("phq9_with_total", {"PHQ-9": 9}, ["/44261-6", "/69722-7"]),
        (
            "pain_interference_in_groups",
            INTERFERENCE,
            ["1.1", "1.2", "1.16", "2.1", "2.2", "2.3", "11"],
        ),
    ],
)
def test_forms_bind_by_code_and_say_what_binds_to_nothing(
    outcomes: Harness, name: str, expected: dict[str, int], unbound: list[str]
) -> None:
    answer = send(outcomes, form(name))
    assert (answer.status_code, bound(answer)) == (201, expected)
    assert [each["link_id"] for each in answer.json["unbound"]] == unbound
    assert all(each["reason"] for each in answer.json["unbound"])
    kept = outcomes.as_("auditor").get(f"/v1/questionnaires/{answer.json['questionnaire_id']}/resource")
    assert (kept.mimetype, kept.json) == ("application/fhir+json", form(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "cds4cpm-mypain-questionnaire",
            INTERFERENCE,
        ),
        ("hl7-phr-gad7.converted", {"GAD-7": 7}),
        ("hl7-phr-phq9.converted", {"PHQ-9": 9}),
        ("lforms-phq9.R4", {"PHQ-9": 9}),
    ],
)
def test_published_files_import_as_they_are(outcomes: Harness, name: str, expected: dict[str, int]) -> None:
    path = PUBLISHED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"SKIPPED: the published questionnaire {name} is not beside the project; its shape is tested above")
    raw = path.read_bytes()
    answer = send(outcomes, raw)
    assert (answer.status_code, bound(answer)) == (201, expected)
    questions = {each["link_id"] for part in ("bound", "unbound") for each in answer.json[part]}
    assert questions == set(_link_ids(json.loads(raw)["item"]))
    kept = outcomes.as_("owner").get(f"/v1/questionnaires/{answer.json['questionnaire_id']}/resource")
    assert kept.json == json.loads(raw)


def _link_ids(items: list[dict[str, Any]]) -> list[str]:
    found = [item["linkId"] for item in items if item["type"] not in ("group", "display")]
    return found + [link_id for item in items for link_id in _link_ids(item.get("item", []))]


def test_answers_get_the_numbers_of_the_scale_from_the_form_or_from_their_loinc_codes(outcomes: Harness) -> None:
    answers = {}
    for name in ("phq9_ordinals", "pain_interference_in_groups"):
        wording = send(outcomes, form(name)).json["wordings"][0]
        answers[wording["instrument"]] = [(each["value"], each["label"]) for each in wording["items"][0]["options"]]
    assert [value for value, _ in answers["PHQ-9"]] == [0, 1, 2, 3]
    assert [value for value, _ in answers["promis-pain-interference-4a-v1.0"]] == [1, 2, 3, 4, 5]
    # The same LOINC answer is 0 in one scale and 1 in the other.
    assert answers["PHQ-9"][0][1] == answers["promis-pain-interference-4a-v1.0"][0][1]


def test_a_form_whose_numbers_run_the_other_way_is_refused_not_inverted(outcomes: Harness) -> None:
    turned = form("phq9_ordinals")
    for option in turned["item"][2]["answerOption"]:
        option["extension"][0]["valueDecimal"] = 3 - option["extension"][0]["valueDecimal"]
    answer = send(outcomes, turned)
    assert (answer.status_code, answer.json["code"]) == (422, "questionnaire-refused")
    (error,) = answer.json["errors"]
    assert "item.2" in error["field"]
    assert "44259-0" in error["field"]
    assert "reverse order" in error["message"]
    assert outcomes.as_("owner").get("/v1/questionnaires").json["items"] == []


@pytest.mark.parametrize("left", [0, 2, 3])
def test_answers_that_do_not_cover_the_range_are_refused_with_the_item(outcomes: Harness, left: int) -> None:
    short = form("gad7_ordinals")
    short["item"][4]["answerOption"] = short["item"][4]["answerOption"][:left]
    answer = send(outcomes, short)
    assert answer.status_code == 422
    assert "GAD-7 item gad7_5" in answer.json["errors"][0]["message"]
    assert "from 0 to 3" in answer.json["errors"][0]["fix"]


def test_an_answer_without_a_number_is_named(outcomes: Harness) -> None:
    odd = form("gad7_ordinals")
    odd["item"][0]["answerOption"][1] = {"valueString": "sometimes, perhaps"}
    error = send(outcomes, odd).json["errors"][0]
    assert "'sometimes, perhaps' stands for no number" in error["message"]
    assert "ordinalValue" in error["fix"]


def test_own_codes_bind_and_the_language_is_the_resources(outcomes: Harness) -> None:
    answer = send(outcomes, peg())
    assert (answer.status_code, answer.json["language"], answer.json["language_from"]) == (201, "es", "resource")
    (wording,) = answer.json["wordings"]
    assert (wording["wording_id"], [item["item"] for item in wording["items"]]) == ("PEG/es/1", list(PEG_ITEMS))


def test_without_codes_link_ids_are_mapped_by_the_request(outcomes: Harness) -> None:
    bare = peg()
    for item in bare["item"]:
        del item["code"]
    assert bound(send(outcomes, bare)) == {}
    query = "&".join(f"map=q{place}:PEG:{code}" for place, code in enumerate(PEG_ITEMS, start=1))
    assert bound(send(outcomes, bare, query)) == {"PEG": 3}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("map=q1", "does not say which question is which item"),
        ("map=q9:PEG:pain", "no question with linkId 'q9'"),
        ("map=q1:NOPE:pain", "no instrument 'NOPE'"),
        ("map=q1:PEG:nope", "no item 'nope'"),
        ("map=q1:NDI:ndi_1", "NDI is not complete"),
        ("map=q2:PEG:pain&map=q1:PEG:pain", "several questions"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_the_fix(outcomes: Harness, query: str, says: str) -> None:
    answer = send(outcomes, peg(), query)
    assert answer.status_code == 422
    assert says in answer.text
    assert all(error["fix"] for error in answer.json["errors"])


def test_part_of_an_instrument_is_no_wording_of_it_and_says_what_is_missing(outcomes: Harness) -> None:
    part = form("phq9_ordinals")
    part["item"] = part["item"][:2]
    answer = send(outcomes, part)
    assert (answer.status_code, answer.json["bound"]) == (201, [])
    (incomplete,) = answer.json["incomplete"]
    assert (incomplete["instrument"], len(incomplete["missing"])) == ("PHQ-9", 7)
    assert len(answer.json["unbound"]) == 2


def test_versions_count_per_language_and_the_same_twice_is_one_import(outcomes: Harness) -> None:
    first, again = send(outcomes, peg()), send(outcomes, peg())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["questionnaire_id"] == again.json["questionnaire_id"]
    better = peg()
    better["item"][0]["text"] = "A better question"
    english = peg(language="en-US")
    found = [send(outcomes, each).json["wordings"][0]["wording_id"] for each in (better, english)]
    assert found == ["PEG/es/2", "PEG/en-US/1"]
    listed = outcomes.as_("therapist").get("/v1/questionnaires").json["items"]
    assert [item["language"] for item in listed] == ["es", "es", "en-US"]
    one = outcomes.as_("owner").get(f"/v1/questionnaires/{first.json['questionnaire_id']}").json
    assert one["wordings"][0]["items"][0]["text"] == "Sample question 1"


def test_imports_at_the_same_moment_get_versions_of_their_own(outcomes: Harness) -> None:
    forms = [peg(title=f"Sample form {number}") for number in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda each: send(outcomes, each), forms))
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    ids = sorted(answer.json["wordings"][0]["wording_id"] for answer in answers)
    assert ids == ["PEG/es/1", "PEG/es/2", "PEG/es/3"]


def test_a_retired_wording_is_no_longer_asked_and_stays_readable(outcomes: Harness) -> None:
    def askable() -> dict[str, Any]:
        items = outcomes.as_("owner").get("/v1/askable-instruments").json["items"]
        found: dict[str, Any] = next(item for item in items if item["instrument"] == "GAD-7")
        return found

    assert (askable()["askable"], askable()["missing"]) == (False, ["wording"])
    id_ = send(outcomes, form("gad7_ordinals")).json["questionnaire_id"]
    assert (askable()["askable"], askable()["languages"]) == (True, ["en"])
    retired = outcomes.as_("owner").post(f"/v1/questionnaires/{id_}/retirement")
    assert (retired.status_code, askable()["askable"]) == (200, False)
    assert outcomes.as_("owner").get(f"/v1/questionnaires/{id_}").json["retired_at"] == "2027-01-11T14:00:00Z"
    assert outcomes.as_("owner").post(f"/v1/questionnaires/{id_}/retirement").status_code == 409


def test_what_can_be_asked_needs_words_a_licence_where_one_is_due_and_a_patient(outcomes: Harness) -> None:
    items = outcomes.as_("owner").get("/v1/askable-instruments").json["items"]
    missing = {item["instrument"]: item["missing"] for item in items}
    assert missing["NPRS"] == []
    assert missing["NDI"] == ["licence", "wording"]
    assert missing["ROM"] == ["patient"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"resourceType": "Patient"}, "resourceType"),
        ({"item": []}, "item"),
        ({"item": "q1"}, "item"),
        ({"item": [{"type": "integer", "text": "no linkId"}]}, "item.0.linkId"),
        ({"item": [{"linkId": "a", "type": "integer"}, {"linkId": "a", "type": "integer"}]}, "item.0.linkId"),
        ({"item": [{"linkId": "a", "type": "coding"}]}, "item.0.type"),
        ({"item": [{"linkId": "a", "type": "scale"}]}, "item.0.type"),
        ({"item": [{"linkId": "a", "type": "choice", "option": [{"valueInteger": 1}]}]}, "item.0"),
        ({"item": [{"linkId": "a", "type": "integer", "text": "x" * 4001}]}, "item.0.text"),
        ({"item": [{"linkId": str(n), "type": "integer"} for n in range(501)]}, "item.500"),
        ({"group": {"question": []}}, "group"),
        ({"language": "ESPAÑOL"}, "language"),
        ({"language": 5}, "language"),
    ],
)
def test_what_is_wrong_with_a_resource_is_named_with_its_place_and_the_fix(
    outcomes: Harness, change: dict[str, Any], field: str
) -> None:
    answer = send(outcomes, peg(**change))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert field in [error["field"] for error in answer.json["errors"]]
    assert all(error["fix"] for error in answer.json["errors"])
    assert outcomes.as_("owner").get("/v1/questionnaires").json["items"] == []


@pytest.mark.parametrize(
    ("body", "content_type", "status", "says"),
    [
        (b"{", "application/fhir+json", 400, "line 1"),
        (b'{"a": 1, "a": 2}', "application/fhir+json", 400, "twice"),
        (b"[]", "application/fhir+json", 422, "not a JSON object"),
        (b"", "application/fhir+json", 400, "not valid JSON"),
        (b"<Questionnaire/>", "application/fhir+xml", 415, "application/fhir+json"),
        (b"{}", "application/fhir+json; fhirVersion=5.0", 415, "R4"),
        (b" " * 1_000_001, "application/fhir+json", 413, "1,000,000"),
    ],
)
def test_a_body_that_is_no_resource_is_refused(
    outcomes: Harness, body: bytes, content_type: str, status: int, says: str
) -> None:
    answer = send(outcomes, body, content_type=content_type)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert says in answer.json["detail"] + "".join(error["message"] for error in answer.json["errors"])


def test_a_language_that_nobody_said_is_assumed_and_two_that_differ_are_refused(outcomes: Harness) -> None:
    assert send(outcomes, form("gad7_ordinals")).json["language_from"] == "assumed"
    french = send(outcomes, form("phq9_ordinals"), "language=fr")
    assert (french.json["language"], french.json["language_from"]) == ("fr", "request")
    assert send(outcomes, peg(), "language=en").json["errors"][0]["field"] == "language"


def test_a_practice_has_its_own_wording_and_roles_are_kept(outcomes: Harness) -> None:
    id_ = send(outcomes, peg()).json["questionnaire_id"]
    assert outcomes.as_("owner", practice_id="other").get(f"/v1/questionnaires/{id_}").status_code == 404
    assert outcomes.as_("owner", practice_id="other").get("/v1/questionnaires").json["items"] == []
    assert send(outcomes, peg(), role="therapist").status_code == 403
