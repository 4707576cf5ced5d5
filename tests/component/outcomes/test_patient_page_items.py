"""The page asks every kind of item, in imported wording and the patient's language, and says where help is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from fascia.links import QUESTIONNAIRE, sign_link
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.assessments.store import save_assessment
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
FORMS = Path(__file__).parent / "data" / "questionnaires"
WELL = {f"phq9_{number}": "0" for number in range(1, 10)}
TROUBLED = {**WELL, "phq9_9": "1"}


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def register(outcomes: Harness, language: str, zone: str = "America/New_York") -> None:
    outcomes.deliver(
        "patient.registered",
        {
            "patient_id": "p-1",
            "version": 1,
            "given_name": "Given",
            "family_name": "Family",
            "birth_date": date(1980, 1, 1),
            "time_zone": zone,
            "language": language,
            "contact_consent": {"sms": True, "email": True},
        },
    )


def bring_in(outcomes: Harness, resource: Any, language: str | None = None) -> None:
    query = f"?language={language}" if language else ""
    answer = outcomes.as_("owner").request(
        "POST", f"/v1/questionnaires{query}", data=json.dumps(resource), content_type="application/fhir+json"
    )
    assert answer.status_code == 201, answer.json


def form(name: str) -> Any:
    return json.loads((FORMS / f"{name}.json").read_text(encoding="utf-8"))


def own_codes(id_: str, type_: str, text: str = "Sample sentence", **changes: Any) -> dict[str, Any]:
    """A form of an instrument by this project's own item codes."""
    instrument = shipped().current(id_)
    assert instrument is not None
    items = [
        {
            "linkId": item.code,
            "type": type_,
            "text": f"{text} {place}",
            "code": [{"system": f"urn:fascia:instrument:{id_}", "code": item.code}],
        }
        for place, item in enumerate(instrument.items, start=1)
    ]
    return {"resourceType": "Questionnaire", "status": "active", "language": "en", "item": items, **changes}


def ask(outcomes: Harness, id_: str) -> str:
    """An open request for an instrument; returns the path of its page."""
    instrument = shipped().current(id_)
    assert instrument is not None
    asked = Assessment(
        id="as-1",
        version=1,
        patient_id="p-1",
        episode_id="e-1",
        session_id=None,
        therapist_id=None,
        instrument=instrument.id,
        instrument_version=instrument.version,
        items=tuple(item.code for item in instrument.items),
        due_at=MONDAY,
        expires_at=MONDAY + timedelta(days=7),
    )
    outcomes.runtime.transaction("demo", lambda uow: save_assessment(uow, asked))
    token = sign_link(outcomes.runtime.keyring, QUESTIONNAIRE, asked.id, "demo", MONDAY + timedelta(days=7))
    return f"/q/{token}"


def kept(outcomes: Harness) -> dict[str, Any]:
    found: dict[str, Any] = outcomes.as_("service").get("/v1/assessments/as-1").json
    return found


def visible(page: str) -> str:
    return " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.S).split())


def checked(page: str) -> list[tuple[str, str]]:
    return re.findall(r'name="([\w.]+)" value="(\d+)"[^>]* checked', page)


def test_answers_in_words_are_offered_in_the_imported_wording_and_send_their_numbers(outcomes: Harness) -> None:
    bring_in(outcomes, form("phq9_ordinals"))
    browser, path = outcomes.anonymous(), ask(outcomes, "PHQ-9")
    page = browser.get(path).text
    assert page.count('type="radio"') == 36
    assert "Sample question 44250-9" in visible(page)
    assert "Question 9 of 9" in visible(page)
    assert "the past two weeks" in visible(page)
    assert browser.post(path, data={**WELL, "phq9_2": "3"}).status_code == 200
    assert kept(outcomes)["answers"]["phq9_2"] == 3


def test_a_refused_page_keeps_what_was_answered_and_leads_to_the_first_open_question(outcomes: Harness) -> None:
    bring_in(outcomes, form("phq9_ordinals"))
    browser, path = outcomes.anonymous(), ask(outcomes, "PHQ-9")
    answer = browser.post(path, data={"phq9_1": "2", "phq9_3": "1", "_wording": "PHQ-9/en/1"})
    assert answer.status_code == 422
    assert checked(answer.text) == [("phq9_1", "2"), ("phq9_3", "1")]
    assert answer.text.count('class="wrong"') == 7
    assert re.findall(r'name="(\w+)"[^>]* autofocus', answer.text) == ["phq9_2"]
    assert 'href="#phq9_2"' in answer.text
    assert "Nothing was sent yet" in visible(answer.text)


def test_what_was_shown_is_kept_also_when_a_better_wording_came_meanwhile(outcomes: Harness) -> None:
    bring_in(outcomes, form("phq9_ordinals"))
    browser, path = outcomes.anonymous(), ask(outcomes, "PHQ-9")
    shown = re.search(r'name="_wording" value="([^"]+)"', browser.get(path).text)
    assert shown is not None
    bring_in(outcomes, form("phq9_with_total"))
    assert 'value="PHQ-9/en/2"' in browser.get(path).text
    browser.post(path, data={**WELL, "_wording": shown[1]})
    assert kept(outcomes)["wording"] == "PHQ-9/en/1"


@pytest.mark.parametrize("sent", ["PHQ-9/xx/9", "GAD-7/en/1", "own", "", "../../etc"])
def test_a_wording_that_was_never_shown_is_not_kept(outcomes: Harness, sent: str) -> None:
    bring_in(outcomes, form("phq9_ordinals"))
    bring_in(outcomes, form("gad7_ordinals"))
    browser, path = outcomes.anonymous(), ask(outcomes, "PHQ-9")
    assert browser.post(path, data={**WELL, "_wording": sent}).status_code == 200
    assert kept(outcomes)["wording"] == "PHQ-9/en/1"


def test_a_json_client_is_offered_the_wording_in_the_patients_language_and_says_what_it_showed(
    outcomes: Harness,
) -> None:
    bring_in(outcomes, form("gad7_ordinals"))
    bring_in(outcomes, own_codes("GAD-7", "integer", text="Pregunta de muestra", language="es"))
    register(outcomes, "es-US")
    ask(outcomes, "GAD-7")
    patient = outcomes.as_("patient", subject="p-1")
    offered = patient.get("/v1/assessments/as-1").json["offered"]
    assert (offered["wording_id"], offered["items"][6]["text"]) == ("GAD-7/es/1", "Pregunta de muestra 7")
    answers = {f"gad7_{number}": 1 for number in range(1, 8)}
    for wrong in ("GAD-7/es/2", "PHQ-9/es/1", "own"):
        answer = patient.post("/v1/assessments/as-1/answers", {"answers": answers, "wording": wrong})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "wording")
    answer = patient.post("/v1/assessments/as-1/answers", {"answers": answers, "wording": "GAD-7/es/1"})
    assert (answer.status_code, answer.json["wording"]) == (201, "GAD-7/es/1")


def test_the_shipped_wording_is_kept_as_such(outcomes: Harness) -> None:
    browser, path = outcomes.anonymous(), ask(outcomes, "NPRS")
    browser.post(path, data={"pain": "4"})
    assert kept(outcomes)["wording"] == "own"


def test_what_stands_above_a_group_is_shown_once(outcomes: Harness) -> None:
    bring_in(outcomes, form("pain_interference_in_groups"))
    page = outcomes.anonymous().get(ask(outcomes, "promis-pain-interference-8a-v1.0")).text
    assert visible(page).count("Sample heading 3") == 1
    assert visible(page).count("Sample heading 4") == 1
    assert page.count('type="radio"') == 40


def test_a_line_to_mark_needs_somebody_to_say_that_it_was_marked(outcomes: Harness) -> None:
    browser, path = outcomes.anonymous(), ask(outcomes, "VAS")
    page = browser.get(path).text
    assert 'type="range" name="pain" min="0" max="100" step="1"' in page
    untouched = browser.post(path, data={"pain": "70"})
    assert untouched.status_code == 422
    assert 'value="70"' in untouched.text
    assert "move the mark and tick the box" in visible(untouched.text)
    assert kept(outcomes)["state"] == "requested"
    assert browser.post(path, data={"pain": "70", "pain.set": "1"}).status_code == 200
    assert kept(outcomes)["answers"] == {"pain": 70}


def test_of_a_list_to_tick_what_is_not_ticked_is_a_no(outcomes: Harness) -> None:
    bring_in(outcomes, own_codes("RMDQ", "boolean"))
    browser, path = outcomes.anonymous(), ask(outcomes, "RMDQ")
    page = browser.get(path).text
    assert page.count('type="checkbox"') == 25
    assert 'type="radio"' not in page
    assert browser.post(path, data={"rmdq_3": "1", "rmdq_20": "1"}).status_code == 200
    answers = kept(outcomes)["answers"]
    assert sorted(item for item, answer in answers.items() if answer) == ["rmdq_20", "rmdq_3"]
    assert len(answers) == 24


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "no answer at all"),
        ({"_none": "1", "rmdq_3": "1"}, "keep one or the other"),
    ],
)
def test_an_untouched_or_contradictory_list_is_asked_again(outcomes: Harness, data: dict[str, str], says: str) -> None:
    bring_in(outcomes, own_codes("RMDQ", "boolean"))
    browser, path = outcomes.anonymous(), ask(outcomes, "RMDQ")
    answer = browser.post(path, data=data)
    assert (answer.status_code, says in visible(answer.text)) == (422, True)
    assert [name for name, _ in checked(answer.text)] == [name for name in ("rmdq_3", "_none") if name in data]
    assert kept(outcomes)["answers"] is None


def test_that_nothing_applies_can_be_said_and_is_a_zero_that_somebody_gave(outcomes: Harness) -> None:
    bring_in(outcomes, own_codes("RMDQ", "boolean"))
    browser, path = outcomes.anonymous(), ask(outcomes, "RMDQ")
    assert browser.post(path, data={"_none": "1"}).status_code == 200
    assert set(kept(outcomes)["answers"].values()) == {0}


def test_a_part_that_the_wording_does_not_have_is_not_asked(outcomes: Harness) -> None:
    resource = own_codes("QuickDASH", "integer")
    resource["item"] = resource["item"][:11]
    bring_in(outcomes, resource)
    page = outcomes.anonymous().get(ask(outcomes, "QuickDASH")).text
    assert page.count("<fieldset") == 11
    assert "You may leave out a question" in visible(page)


def test_the_page_and_the_questions_are_in_the_patients_language(outcomes: Harness) -> None:
    bring_in(outcomes, form("gad7_ordinals"))
    bring_in(outcomes, own_codes("GAD-7", "integer", text="Pregunta de muestra", language="es"))
    register(outcomes, "es-US")
    page = outcomes.anonymous().get(ask(outcomes, "GAD-7")).text
    assert '<html lang="es">' in page
    assert "Pregunta de muestra 7" in visible(page)
    assert "Enviar mis respuestas" in visible(page)
    assert "Sample" not in visible(page)
    assert 'href="?lang=en"' in page


def test_questions_without_a_wording_in_the_language_are_shown_in_another_and_marked_as_such(outcomes: Harness) -> None:
    bring_in(outcomes, form("gad7_ordinals"))
    register(outcomes, "es")
    page = outcomes.anonymous().get(ask(outcomes, "GAD-7")).text
    assert "Enviar mis respuestas" in visible(page)
    assert "Piense, por favor, en las últimas dos semanas." in visible(page)
    assert len(re.findall(r'<fieldset[^>]* lang="en"', page)) == 7


def test_the_shipped_wording_is_in_spanish_too_and_kept_as_what_was_shown(outcomes: Harness) -> None:
    register(outcomes, "es")
    browser, path = outcomes.anonymous(), ask(outcomes, "PEG")
    page = browser.get(path).text
    assert 'name="_wording" value="own/es"' in page
    assert not re.search(r'lang="en"[^>]*>(?!English)', page)
    browser.post(path, data={"pain": "1", "enjoyment": "2", "activity": "3", "_wording": "own/es"})
    assert kept(outcomes)["wording"] == "own/es"


def test_a_chosen_language_goes_before_the_record_and_that_before_the_browser(outcomes: Harness) -> None:
    path = ask(outcomes, "NPRS")
    browser = outcomes.anonymous()
    assert "How are you doing?" in visible(browser.get(path).text)
    spanish = browser.get(path, headers={"Accept-Language": "es-MX,en;q=0.5"}).text
    assert "¿Cómo se encuentra?" in visible(spanish)
    assert "Piense en los últimos 7 días." in visible(spanish)
    register(outcomes, "en")
    assert "How are you doing?" in visible(browser.get(path, headers={"Accept-Language": "es"}).text)
    refused = browser.post(f"{path}?lang=es", data={})
    assert "Esta pregunta todavía no tiene respuesta." in visible(refused.text)


@pytest.mark.parametrize(
    ("language", "zone", "says"),
    [
        ("en", "America/New_York", "on January 11, 2027 at 9:00 AM EST."),
        ("es", "America/Los_Angeles", "el 11 de enero de 2027 a las 06:00 PST."),
        ("de", "Asia/Tokyo", "on January 11, 2027 at 11:00 PM JST."),
    ],
)
def test_the_time_is_the_patients(outcomes: Harness, language: str, zone: str, says: str) -> None:
    register(outcomes, language, zone)
    browser, path = outcomes.anonymous(), ask(outcomes, "NPRS")
    assert says in visible(browser.post(path, data={"pain": "4"}).text)
    assert says in visible(browser.get(path).text)


def test_after_item_9_the_page_says_where_help_is_and_shows_no_score(outcomes: Harness) -> None:
    bring_in(outcomes, form("phq9_ordinals"))
    browser, path = outcomes.anonymous(), ask(outcomes, "PHQ-9")
    for page in (browser.post(path, data=TROUBLED).text, browser.get(path).text):
        assert "call or text 988" in visible(page)
        assert re.findall(r'href="((?:tel|sms):\d+)"', page) == ["tel:988", "sms:988", "tel:911"]
        assert "score" not in visible(page).lower()
        assert not {"Given", "Family", "p-1"} & set(visible(page).split())


def test_help_does_not_wait_for_the_other_answers(outcomes: Harness) -> None:
    bring_in(outcomes, form("phq9_ordinals"))
    browser, path = outcomes.anonymous(), ask(outcomes, "PHQ-9")
    unfinished = browser.post(path, data={"phq9_9": "2"})
    assert (unfinished.status_code, unfinished.text.count('class="wrong"')) == (422, 8)
    assert "call or text 988" in visible(unfinished.text)
    assert re.findall(r"<(\w+)[^>]* autofocus", unfinished.text) == ["section"]
    assert "988" not in visible(browser.post(path, data={"phq9_9": "0"}).text)
    assert "988" not in visible(browser.get(path).text)


@pytest.mark.parametrize("answers", [WELL, {**WELL, "phq9_8": "3"}])
def test_nobody_else_is_sent_for_help(outcomes: Harness, answers: dict[str, str]) -> None:
    bring_in(outcomes, form("phq9_ordinals"))
    page = outcomes.anonymous().post(ask(outcomes, "PHQ-9"), data=answers)
    assert page.status_code == 200
    assert "988" not in visible(page.text)


def test_a_practice_says_it_in_its_own_words_and_who_changed_it_stays_known(outcomes: Harness) -> None:
    own = {
        "language": "en",
        "text": "Please talk to someone today.\nOur own nurse is there for you.",
        "contacts": [{"way": "call", "number": "+6135550100", "label": "Call our nurse"}],
    }
    shipped_texts = outcomes.as_("owner").get("/v1/crisis-guidance").json
    assert (shipped_texts["version"], {text["own"] for text in shipped_texts["texts"]}) == (0, {False})
    changed = outcomes.as_("admin", subject="u-1").put("/v1/crisis-guidance", {"texts": [own]})
    assert (changed.status_code, changed.json["version"]) == (200, 1)
    assert [(text["language"], text["own"]) for text in changed.json["texts"]] == [("en", True), ("es", False)]
    assert changed.json["history"][0]["changed_by"] == "u-1"
    bring_in(outcomes, form("phq9_ordinals"))
    browser, path = outcomes.anonymous(), ask(outcomes, "PHQ-9")
    page = browser.post(path, data=TROUBLED).text
    assert "Our own nurse is there for you." in visible(page)
    assert 'href="tel:+6135550100"' in page
    assert "988" not in visible(page)
    assert "988" in visible(browser.get(f"{path}?lang=es").text)
    back = outcomes.as_("owner").put("/v1/crisis-guidance", {"texts": []})
    assert (back.json["version"], {text["own"] for text in back.json["texts"]}) == (2, {False})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "short"}, "texts.0.text"),
        ({"language": "xx"}, "texts.0.language"),
        ({"contacts": []}, "texts.0.contacts"),
        ({"contacts": [{"way": "call", "number": "javascript:1", "label": "x"}]}, "texts.0.contacts.0.number"),
        ({"contacts": [{"way": "mail", "number": "988", "label": "x"}]}, "texts.0.contacts.0.way"),
    ],
)
def test_guidance_without_a_way_to_reach_somebody_is_refused(
    outcomes: Harness, change: dict[str, Any], field: str
) -> None:
    said = {
        "language": "en",
        "text": "Please talk to someone today.",
        "contacts": [{"way": "call", "number": "988", "label": "Call"}],
        **change,
    }
    answer = outcomes.as_("owner").put("/v1/crisis-guidance", {"texts": [said]})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert answer.json["errors"][0]["fix"]
    assert outcomes.as_("therapist").put("/v1/crisis-guidance", {"texts": []}).status_code == 403


def test_imported_words_cannot_bring_markup_or_scripts_into_the_page(outcomes: Harness) -> None:
    resource = form("gad7_ordinals")
    resource["item"][0]["text"] = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    resource["item"][0]["answerOption"][0]["valueCoding"]["display"] = '"><b>bold'
    bring_in(outcomes, resource)
    page = outcomes.anonymous().get(ask(outcomes, "GAD-7"))
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "<b>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
