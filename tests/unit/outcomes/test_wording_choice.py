"""Which wording a person is shown, what a practice can ask, and which numbers the answers of a form are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument, Item
from outcomes_svc.licences.licence import Action, LicenceEntry, Terms
from outcomes_svc.questionnaires.answers import Unusable, read_answers
from outcomes_svc.questionnaires.codes import Target, code_table, shipped_codes
from outcomes_svc.questionnaires.fhir import FhirItem, read_questionnaire
from outcomes_svc.questionnaires.fhir_parts import Coding
from outcomes_svc.questionnaires.own_wording import own_wordings
from outcomes_svc.questionnaires.wording import ItemWording, Wording, askable, choose, language_tag

NOW = datetime(2027, 1, 11, tzinfo=UTC)


def instrument(id_: str) -> Instrument:
    found = shipped().current(id_)
    assert found is not None
    return found


def wording(id_: str, language: str, version: int = 1, **changes: Any) -> Wording:
    items = tuple(ItemWording(code=item.code, link_id=item.code, text="Sample") for item in instrument(id_).items)
    fields: dict[str, Any] = {
        "instrument": id_,
        "instrument_version": instrument(id_).version,
        "language": language,
        "version": version,
        "questionnaire_id": "q",
        "title": "",
        "items": items,
        "imported_at": NOW,
    }
    return Wording(**{**fields, **changes})


def question(type_: str, *options: Mapping[str, Any], **changes: Any) -> FhirItem:
    item = {"linkId": "q", "type": type_, "text": "Sample", "answerOption": list(options), **changes}
    return read_questionnaire({"resourceType": "Questionnaire", "item": [item]}).items[0]


def option(number: float | None = None, **coding: str) -> dict[str, Any]:
    made: dict[str, Any] = {"valueCoding": {"display": "Sample", **coding}}
    if number is not None:
        url = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
        made["extension"] = [{"url": url, "valueDecimal": number}]
    return made


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("es", "GAD-7/es/2"),
        ("es-US", "GAD-7/es-US/1"),
        ("es-MX", "GAD-7/es/2"),
        ("en", "GAD-7/en/1"),
        ("fr", "GAD-7/en/1"),
    ],
)
def test_the_persons_language_comes_first_then_that_of_the_original(language: str, shown: str) -> None:
    known = [wording("GAD-7", tag, version) for tag, version in (("es", 1), ("es", 2), ("es-US", 1), ("en", 1))]
    found = choose(known, instrument("GAD-7"), language)
    assert found is not None
    assert found.id == shown


def test_the_shipped_wording_gives_way_to_an_imported_one_in_the_persons_language_only() -> None:
    known = [wording("NPRS", "es"), wording("NPRS", "de")]
    assert choose(known, instrument("NPRS"), "en") is None
    assert choose(known, instrument("NPRS"), "fr") is None
    found = choose(known, instrument("NPRS"), "es")
    assert found is not None
    assert found.language == "es"


@pytest.mark.parametrize("id_", ["NPRS", "VAS", "PEG", "PSFS"])
def test_what_ships_speaks_spanish_in_every_item_until_a_practice_imports_something_else(id_: str) -> None:
    own = own_wordings(instrument(id_))
    found = choose([], instrument(id_), "es-US", own)
    assert found is not None
    assert (found.id, found.instrument_version) == ("own/es", instrument(id_).version)
    assert {item.code for item in found.items} == {item.code for item in instrument(id_).items}
    assert all((found.introduction, *(part for item in found.items for part in _words(item))))
    imported = choose([wording(id_, "es")], instrument(id_), "es-US", own)
    assert imported is not None
    assert imported.version == 1


def _words(item: ItemWording) -> tuple[str, str, str]:
    return item.text, item.lowest_label, item.highest_label


def test_a_wording_of_another_version_of_the_instrument_or_a_retired_one_is_not_shown() -> None:
    for other in (wording("GAD-7", "en", instrument_version="0"), wording("GAD-7", "en", retired_at=NOW)):
        assert choose([other], instrument("GAD-7"), "en") is None
        assert not askable(instrument("GAD-7"), [other], [], NOW.date())


def test_what_can_be_asked() -> None:
    terms = Terms(holder="x", reference="A-1", valid_from=date(2027, 1, 1), valid_until=date(2027, 1, 31))
    held = [
        LicenceEntry(instrument="NDI", version=1, action=Action.RECORDED, terms=terms, recorded_by="x", recorded_at=NOW)
    ]
    words = [wording("NDI", "en")]
    ndi = instrument("NDI")
    assert askable(ndi, words, held, date(2027, 1, 31))
    assert not askable(ndi, words, held, date(2027, 2, 1))
    assert not askable(ndi, words, [], NOW.date())
    assert not askable(ndi, [], held, NOW.date())
    assert askable(instrument("NPRS"), [], [], NOW.date())
    assert not askable(instrument("ROM"), [wording("ROM", "en")], [], NOW.date())


@pytest.mark.parametrize(
    ("text", "tag"), [("EN", "en"), ("es-us", "es-US"), ("e", None), ("en_US", None), ("en/us", None), ("", None)]
)
def test_language_tags_have_one_spelling(text: str, tag: str | None) -> None:
    assert language_tag(text) == tag


def test_points_count_for_their_answers_where_a_form_gives_the_points() -> None:
    item = instrument("HIT-6").items[0]
    answers = read_answers(question("choice", *(option(n, code=str(n)) for n in (6, 8, 10, 11, 13))), item, {})
    assert not isinstance(answers, Unusable)
    assert [answer.value for answer in answers] == [1, 2, 3, 4, 5]


def test_an_item_that_counts_in_reverse_takes_answer_codes_but_no_ordinal_values() -> None:
    item = Item(code="r", lowest=1, highest=3, points=(3, 2, 1))
    refused = read_answers(question("choice", *(option(n, code=str(n)) for n in (1, 2, 3))), item, {})
    assert isinstance(refused, Unusable)
    assert "urn:fascia:answer" in refused.fix
    coded = [option(code=str(n), system="urn:fascia:answer") for n in (1, 2, 3)]
    answers = read_answers(question("choice", *coded), item, {})
    assert not isinstance(answers, Unusable)
    assert [answer.value for answer in answers] == [1, 2, 3]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (question("text"), "no answers that stand for numbers"),
        (question("choice", answerValueSet="http://example.org/vs"), "outside the resource"),
        (question("choice", *(option(n, code=str(n)) for n in (0, 1, 1, 2, 3))), "not the numbers from 0 to 3"),
        (question("choice", *(option(n, code=str(n)) for n in range(5))), "not the numbers from 0 to 3"),
        (question("choice", *(option(n, code=str(n), display="") for n in range(4))), "no label"),
        (question("boolean"), "not the numbers from 0 to 3"),
        (
            question(
                "integer",
                extension=[{"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 10}],
            ),
            "not the numbers from 0 to 3",
        ),
    ],
)
def test_answers_that_are_not_the_items_own_are_unusable(form: FhirItem, message: str) -> None:
    found = read_answers(form, Item(code="x", lowest=0, highest=3), {})
    assert isinstance(found, Unusable)
    assert message in found.message
    assert found.fix


def test_answers_may_stand_in_a_value_set_within_the_resource() -> None:
    concepts = [{"code": str(n), "display": "Sample", **_ordinal(n)} for n in range(4)]
    contained = [{"resourceType": "ValueSet", "id": "vs", "compose": {"include": [{"concept": concepts}]}}]
    item = {"linkId": "q", "type": "choice", "text": "Sample", "answerValueSet": "#vs"}
    form = read_questionnaire({"resourceType": "Questionnaire", "item": [item], "contained": contained}).items[0]
    answers = read_answers(form, Item(code="x", lowest=0, highest=3), {})
    assert not isinstance(answers, Unusable)
    assert [answer.value for answer in answers] == [0, 1, 2, 3]


def _ordinal(number: int) -> dict[str, Any]:
    url = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    return {"extension": [{"url": url, "valueDecimal": number}]}


def test_every_table_of_answer_codes_has_a_source_and_fits_items_that_ship() -> None:
    data, instruments = shipped_codes(), shipped().all()
    known = {item.loinc for each in instruments for item in each.items}
    for table in data["answers"]:
        assert table["source"]
        assert table["evidence"] == "seen"
        assert set(table["items"]) <= known, table["about"]
    for part in data["items"]:
        assert part["source"]
    codes = code_table(instruments, data)
    for each in instruments:
        for item in each.items:
            scores = codes.scores(Target(each.id, item.code))
            assert not scores or sorted(scores.values()) == list(range(item.lowest, item.highest + 1))


def test_a_loinc_code_finds_the_item_in_every_form_that_has_it() -> None:
    codes = code_table(shipped().all(), shipped_codes())
    found = codes.targets([Coding("http://loinc.org", "61758-9")])
    assert {target.instrument for target in found} == {
        "promis-pain-interference-4a-v1.0",
        "promis-pain-interference-8a-v1.0",
    }
    assert codes.targets([Coding("http://example.org", "61758-9")]) == frozenset()
