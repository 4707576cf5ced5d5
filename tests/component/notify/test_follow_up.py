"""A signed session leads to one follow-up that arrives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded


def test_a_signed_session_sends_one_text_and_its_delivery_is_known(notify: Any) -> None:
    notify.patient()
    notify.session()

    notify.tick()

    (text,) = notify.caught("sms")
    assert text.to == notify.phone()
    assert text.text.startswith("Harbor Clinic: thank you for your visit.")
    assert "STOP" in text.text
    notify.eventually(lambda: notify.only()["state"] == "delivered")
    assert [event.type for event in notify.harness.published()] == ["message.sent", "message.delivered"]
    notify.tick_until_idle()
    assert notify.nothing_due()


def test_the_event_delivered_twice_sends_one_text(notify: Any) -> None:
    notify.patient()
    notify.session("s1")
    notify.session("s1")

    notify.tick_until_idle()

    assert len(notify.caught()) == 1
    assert len(notify.messages()) == 1


def test_news_of_the_visit_that_comes_after_its_session_takes_no_follow_up_back(notify: Any) -> None:
    notify.session()
    notify.tick()  # nobody knows the patient yet, so the follow-up waits
    notify.appointment("appointment.booked")
    notify.appointment("appointment.moved", version=2, tell_patient=False)
    notify.patient()

    notify.tick_until_idle()

    assert [text.to for text in notify.caught("sms")] == [notify.phone()]


def test_who_agreed_to_mail_alone_gets_a_mail(notify: Any) -> None:
    notify.patient(contact_consent={"sms": False, "email": True})
    notify.session()

    notify.tick()

    (mail,) = notify.caught()
    assert (mail.kind, mail.to, mail.subject) == ("mail", "p1@example.org", "Thank you for your visit")
    assert notify.only()["state"] == "sent"


def test_who_agreed_to_nothing_gets_nothing_and_the_reason_is_kept(notify: Any) -> None:
    notify.patient(contact_consent={"sms": False, "email": False})
    notify.session()

    notify.tick()

    assert notify.caught() == []
    assert (notify.only()["state"], notify.only()["reason"]) == ("suppressed", "no_consent")


def test_nobody_writes_to_a_patient_who_died(notify: Any) -> None:
    notify.patient()
    notify.session()
    notify.patient(version=2, deceased=True)

    notify.tick()

    assert notify.caught() == []
    assert notify.only()["reason"] == "deceased"


def test_a_backfill_stays_silent(notify: Any) -> None:
    notify.patient()
    notify.session(backfill=True)

    notify.tick_until_idle()

    assert notify.caught() == []
    assert notify.messages() == []


def test_a_session_whose_patient_is_not_known_yet_waits_for_the_contact(notify: Any) -> None:
    notify.session()
    notify.tick()
    assert notify.caught() == []

    notify.patient()
    notify.harness.clock.advance(timedelta(seconds=2))
    notify.tick()

    assert len(notify.caught("sms")) == 1


def test_a_patient_who_never_becomes_known_is_given_up(notify: Any) -> None:
    notify.session()

    notify.tick_until_idle(timedelta(minutes=10), ticks=4)

    assert (notify.only()["state"], notify.only()["reason"]) == ("suppressed", "contact_unknown")


def test_a_spanish_speaker_is_written_to_in_spanish_within_one_segment(notify: Any) -> None:
    notify.patient(language="es-PR")
    notify.session()

    notify.tick()

    (text,) = notify.caught("sms")
    assert "gracias por su visita" in text.text
    assert len(text.text) <= 160


def test_an_old_version_of_a_patient_changes_nothing(notify: Any) -> None:
    notify.patient()
    notify.patient(version=3, phone="+16175550999")
    notify.patient(version=2, phone="+16175550111")
    notify.session()

    notify.tick()

    (text,) = notify.caught("sms")
    assert text.to == "+16175550999"


def test_neither_name_phone_nor_words_rest_in_the_clear(notify: Any) -> None:
    notify.patient()
    notify.session()
    notify.tick()

    rests = notify.harness.raw()

    for secret in ("Alva", "Example", notify.phone(), "p1@example.org", "thank you"):
        assert secret not in rests
