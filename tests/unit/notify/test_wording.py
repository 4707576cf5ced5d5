"""The words: one segment, the sender named, a way out, nothing about anybody's health."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest

from notify_svc.messages.gsm7 import SEGMENT, fits, fold, septets
from notify_svc.messages.message import Kind, Message
from notify_svc.messages.wording import LANGUAGES, help_answer, language_of, opt_out_confirmation, word
from notify_svc.policy.messaging_policy import MAX_SENDER_SEPTETS

NOW = datetime(2027, 1, 11, 15, 0, tzinfo=UTC)
LONGEST_SENDER = "M" * MAX_SENDER_SEPTETS
# A production host name of 40 characters and a code of 12.
LONGEST_LINK = "https://" + "n" * 29 + ".example.com/l/" + "C" * 12
ABOUT_VISITS: tuple[Kind, ...] = ("reminder", "booking", "moved", "cancellation", "running_late")
PATIENT_KINDS: tuple[Kind, ...] = (*ABOUT_VISITS, "follow_up", "questionnaire")
STAFF_KINDS: tuple[Kind, ...] = ("route", "dispatch_warning")
CAUSES = ("running_late", "therapist_away", "visit_overruns", "road_blocked", "urgent_visit", "visit_cancelled")


def message(kind: Kind, day: date = date(2027, 11, 24), stops: int = 12) -> Message:
    visit: dict[str, object] = {
        "local_start": f"{day.isoformat()}T10:45",
        "local_from": f"{day.isoformat()}T10:00",
        "local_until": f"{day.isoformat()}T12:00",
        "time_zone": "America/New_York",
    }
    contents: dict[str, dict[str, object]] = {
        **dict.fromkeys(ABOUT_VISITS, visit),
        "dispatch_warning": {
            "address": "x",
            "local_promised_until": f"{day.isoformat()}T10:45",
            "late_minutes": 120,
            "lost": day.day % 2 == 0,
            "cause": CAUSES[day.toordinal() % len(CAUSES)],
            "therapist": "Robin Sample",
            "proposals": [
                {"kind": "other_therapist", "local_start": f"{day.isoformat()}T10:20", "added_drive_minutes": 14},
                {"kind": "call_patient", "local_start": None, "added_drive_minutes": None},
            ],
        },
        "route": {
            "address": "x",
            "name": "Robin",
            "date": day.isoformat(),
            "revision": 2,
            "stops": [
                {
                    "local_start": f"{day.isoformat()}T10:45",
                    "local_end": f"{day.isoformat()}T11:45",
                    "drive_minutes": 10,
                    "patient_name": "Alva Example",
                    "address": None,
                }
            ]
            * stops,
        },
    }
    return Message(
        id="m1",
        cause="c",
        kind=kind,
        channel="sms",
        audience="therapist" if kind in STAFF_KINDS else "patient",
        recipient_id="p1",
        appointment_id=None,
        content=contents.get(kind, {}),
        due_at=NOW,
        expires_at=NOW,
        created_at=NOW,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*PATIENT_KINDS, *STAFF_KINDS])
def test_the_longest_text_fits_into_one_segment(kind: Kind, language: str) -> None:
    days = [date(2027, 1, 20) + timedelta(days=30 * month + weekday) for month in range(12) for weekday in range(7)]

    for day in days:
        _, text = word(message(kind, day), "sms", language, LONGEST_SENDER, link=LONGEST_LINK)
        assert septets(text) <= SEGMENT


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wording", ["questionnaire_baseline", "alert", "alert_escalated"])
def test_the_other_words_of_a_kind_fit_into_one_segment_too(wording: str, language: str) -> None:
    told = replace(message("questionnaire"), content={"wording": wording})
    _, text = word(told, "sms", language, LONGEST_SENDER, link=LONGEST_LINK)
    assert septets(text) <= SEGMENT
    assert ("STOP" in text) is (wording == "questionnaire_baseline")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", ["late", "ill", "no_entry", "other"])
def test_a_visit_given_up_fits_into_one_segment(why: str, language: str) -> None:
    content = {"wording": "given_up", "local_start": "2027-11-24T10:45", "why": why, "therapist": None}
    told = replace(message("dispatch_warning"), content=content)
    _, text = word(told, "sms", language, LONGEST_SENDER, link=LONGEST_LINK)
    assert septets(text) <= SEGMENT


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", STAFF_KINDS)
def test_a_link_fits_however_long_sender_and_address_are(kind: Kind, language: str) -> None:
    linked = replace(
        message(kind), content={**message(kind).content, "wording": "route_linked" if kind == "route" else kind}
    )

    for address in (LONGEST_LINK, "https://" + "n" * 50 + ".example.com/l/" + "C" * 12):
        _, text = word(linked, "sms", language, LONGEST_SENDER, link=address)
        assert text.endswith(address)
        assert septets(text) <= SEGMENT


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PATIENT_KINDS)
def test_every_text_to_a_patient_names_the_sender_and_the_way_out(kind: Kind, language: str) -> None:
    _, text = word(message(kind), "sms", language, "Harbor", link="https://x.example/l/abc")

    assert text.startswith("Harbor: ")
    assert "STOP" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_names_a_condition_a_service_or_a_body_part(language: str) -> None:
    words = files("notify_svc.messages").joinpath(f"texts/{language}.json").read_text(encoding="utf-8").lower()

    for taboo in ("massage", "masaje", "pain", "dolor", "therap", "terap", "treat", "trata", "back", "espalda", "neck"):
        assert taboo not in words.replace("call back", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_fit_too(language: str) -> None:
    assert fits(opt_out_confirmation(language, LONGEST_SENDER))
    assert fits(help_answer(language, LONGEST_SENDER))


def test_both_languages_say_the_same_things() -> None:
    import json

    texts = [
        json.loads(files("notify_svc.messages").joinpath(f"texts/{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    ]
    assert texts[0].keys() == texts[1].keys()
    assert {kind: set(known) for kind, known in texts[0]["messages"].items()} == {
        kind: set(known) for kind, known in texts[1]["messages"].items()
    }


@pytest.mark.parametrize(("tag", "language"), [("es-MX", "es"), ("ES", "es"), ("en-US", "en"), ("pt-BR", "en")])
def test_the_language_is_chosen_by_its_tag(tag: str, language: str) -> None:
    assert language_of(tag) == language


def test_times_are_written_as_the_language_does() -> None:
    exact = replace(message("reminder"), content={"local_start": "2027-11-24T10:45"})

    assert "Wed, Nov 24 at 10:45 AM" in word(exact, "sms", "en", "Harbor")[1]
    assert "mié 24 nov a las 10:45" in word(exact, "email", "es", "Harbor")[1]


def test_a_promised_window_is_told_as_one() -> None:
    assert "Wed, Nov 24 between 10:00 AM and 12:00 PM" in word(message("booking"), "sms", "en", "Harbor")[1]
    assert "mié 24 nov entre las 10:00 y las 12:00" in word(message("booking"), "email", "es", "Harbor")[1]
    assert "Wed, Nov 24 at about 10:45 AM (10:00 AM-12:00 PM)" in word(message("moved"), "sms", "en", "Harbor")[1]


def test_a_warning_says_what_is_at_risk_why_and_what_can_be_done() -> None:
    told = message("dispatch_warning", date(2027, 1, 13))
    subject, text = word(told, "email", "en", "Harbor", link="https://x.example/b/abc")

    assert subject == "Promise at risk: Wed, Jan 13, 10:45 AM"
    assert "is at risk: 120 min late." in text
    assert "Who: Robin Sample" in text
    assert "- somebody else takes it, at 10:20 AM (14 min more driving)\n- call the patient" in text


def test_a_day_without_visits_says_so() -> None:
    assert "No visits." in word(message("route", stops=0), "email", "en", "Harbor")[1]


@pytest.mark.parametrize(
    ("text", "folded"),
    [("día aquí", "dia aqui"), ("¿señor?", "¿señor?"), ("It’s – “ok”…", 'It\'s - "ok"...'), ("漢", "?"), ("ü€", "ü€")],
)
def test_text_is_folded_into_the_alphabet_of_texts(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_some_characters_take_two() -> None:
    assert septets("€[]") == 6


def test_whatever_is_folded_can_be_counted() -> None:
    everything = "".join(chr(code) for code in range(0x20, 0x3000))

    assert septets(fold(everything)) >= len(everything)
