"""What comes in: signed reports and replies; what staff record."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from fascia.devset.catcher.signature import sign

pytestmark = pytest.mark.embedded

TOKEN = "token-of-the-test-account"
_sids = iter(range(10_000))


def post(notify: Any, path: str, form: dict[str, str], token: str = TOKEN) -> requests.Response:
    url = notify.harness.settings.public_url + path
    return requests.post(url, data=form, headers={"X-Twilio-Signature": sign(token, url, form)}, timeout=5)


def reply(notify: Any, text: str, phone: str | None = None, sid: str | None = None) -> str:
    """Answer as the patient; the text that comes back."""
    form = {
        "MessageSid": sid or f"SM{next(_sids):032}",
        "From": phone or notify.phone(),
        "To": "+15005550006",
        "Body": text,
        "NumMedia": "0",
    }
    answer = post(notify, "/v1/webhooks/twilio/inbound", form)
    assert answer.status_code == 200, answer.text
    return answer.text.partition("<Response>")[2].partition("</Response>")[0]


def consent(notify: Any, patient_id: str = "p1") -> dict[str, Any]:
    answer = notify.harness.as_("dispatcher").get(f"/v1/contacts/{patient_id}/consent")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def test_stop_is_honoured_confirmed_once_and_told(notify: Any) -> None:
    notify.patient()

    assert reply(notify, "STOP") == (
        "<Message>Harbor Clinic: you will get no more texts from us. Reply START to get them again.</Message>"
    )
    assert reply(notify, "stop!!") == ""

    assert consent(notify)["sms"]["refusal"] == "opted_out"
    assert consent(notify)["email"]["may_message"] is True
    (event,) = notify.harness.published()
    assert (event.type, event.data["patient_id"], event.data["channel"]) == ("contact.opted_out", "p1", "sms")
    notify.session()
    notify.tick()
    assert [message.kind for message in notify.caught()] == ["mail"]


def test_a_reply_that_the_provider_delivers_twice_is_answered_the_same_and_acted_on_once(notify: Any) -> None:
    notify.patient()

    first, second = (reply(notify, "STOP", sid="SM" + "7" * 32) for _ in range(2))

    assert first == second != ""
    assert len(notify.harness.published("contact.opted_out")) == 1


def test_cancel_is_an_opt_out_and_never_cancels_a_visit(notify: Any) -> None:
    notify.patient()

    reply(notify, "CANCEL")

    assert consent(notify)["sms"]["refusal"] == "opted_out"
    assert notify.harness.published("reply.received") == []


def test_an_opt_out_survives_a_later_change_of_the_patient(notify: Any) -> None:
    notify.patient()
    reply(notify, "por favor no me manden mensajes, no más mensajes")

    notify.patient(version=2, family_name="Other")

    assert consent(notify)["sms"]["refusal"] == "opted_out"


def test_start_brings_texts_back(notify: Any) -> None:
    notify.patient()
    reply(notify, "STOP")

    reply(notify, "START")

    assert consent(notify)["sms"]["may_message"] is True


@pytest.mark.parametrize(("text", "request_"), [("C", "confirm"), ("r", "call_me"), ("Confirmo", "confirm")])
def test_c_and_r_are_told_with_the_visit_that_they_answer(notify: Any, text: str, request_: str) -> None:
    notify.patient()
    notify.session()
    notify.tick()
    notify.eventually(lambda: notify.only()["state"] == "delivered")

    assert reply(notify, text) == ""

    (event,) = notify.harness.published("reply.received")
    assert (event.data["patient_id"], event.data["appointment_id"]) == ("p1", "a1")
    assert event.data["request"] == request_


def test_a_reply_from_a_number_that_nobody_knows_is_taken_and_does_nothing(notify: Any) -> None:
    assert reply(notify, "STOP", phone="+16175559999") == ""
    assert notify.harness.published() == []


def test_an_opt_out_counts_for_everybody_at_the_number(notify: Any) -> None:
    notify.patient("p1", phone="+16175550300")
    notify.patient("p2", phone="+16175550300")

    reply(notify, "STOP", phone="+16175550300")

    assert consent(notify, "p1")["sms"]["refusal"] == consent(notify, "p2")["sms"]["refusal"] == "opted_out"


@pytest.mark.parametrize("path", ["/v1/webhooks/twilio/status", "/v1/webhooks/twilio/inbound"])
def test_a_forged_report_is_refused(notify: Any, path: str) -> None:
    notify.patient()
    form = {"MessageSid": "SM" + "1" * 32, "From": notify.phone(), "Body": "STOP", "MessageStatus": "delivered"}

    assert post(notify, path, form, token="guessed").status_code == 403
    assert notify.harness.anonymous().post(path, data=form).status_code == 403
    assert consent(notify)["sms"]["may_message"] is True


def test_a_report_about_an_unknown_message_is_answered(notify: Any) -> None:
    form = {"MessageSid": "SM" + "2" * 32, "MessageStatus": "delivered"}

    assert post(notify, "/v1/webhooks/twilio/status", form).status_code == 204
    assert post(notify, "/v1/webhooks/twilio/status?practice=demo&message=none", form).status_code == 204


def test_a_report_for_another_practice_changes_nothing(notify: Any) -> None:
    notify.catcher.webhooks.report = lambda *_: None
    notify.patient()
    notify.session()
    notify.tick()
    form = {"MessageSid": "SM" + "3" * 32, "MessageStatus": "delivered"}

    message_id = notify.only()["id"]
    assert post(notify, f"/v1/webhooks/twilio/status?practice=other&message={message_id}", form).status_code == 204
    assert post(notify, f"/v1/webhooks/twilio/status?practice=demo&message={message_id}", form).status_code == 204

    assert notify.only()["state"] == "sent"


def test_consent_given_again_by_staff_needs_the_version_that_shows_the_opt_out(notify: Any) -> None:
    notify.patient()
    admin = notify.harness.as_("admin")
    seen = admin.get("/v1/contacts/p1/consent").headers["ETag"]
    reply(notify, "STOP")
    both = {"sms": True, "email": True}

    assert admin.put("/v1/contacts/p1/consent", both).status_code == 428
    assert admin.put("/v1/contacts/p1/consent", both, headers={"If-Match": seen}).status_code == 412
    assert consent(notify)["sms"]["refusal"] == "opted_out"

    now = admin.get("/v1/contacts/p1/consent").headers["ETag"]
    assert admin.put("/v1/contacts/p1/consent", both, headers={"If-Match": now}).status_code == 200
    assert consent(notify)["sms"]["may_message"] is True


def test_practices_never_see_each_other(notify: Any) -> None:
    notify.patient()
    notify.session()
    message_id = notify.only()["id"]
    stranger = notify.harness.as_("admin", practice_id="other")

    assert stranger.get("/v1/contacts/p1/consent").status_code == 404
    assert stranger.get("/v1/messages").get_json()["items"] == []
    assert stranger.get(f"/v1/messages/{message_id}").status_code == 404


def test_the_words_of_a_message_are_for_those_who_need_them(notify: Any) -> None:
    notify.patient()
    notify.session()
    notify.tick()
    path = f"/v1/messages/{notify.only()['id']}"

    assert notify.harness.as_("dispatcher").get(path).get_json()["text"].startswith("Harbor Clinic")
    assert notify.harness.as_("auditor").get(path).get_json()["text"] is None
    assert notify.harness.as_("biller").get(path).status_code == 403
    assert "text" not in notify.only()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quiet_hours": None}, "sender_name"),
        ({"sender_name": "A", "quiet_hours": {"starts_at": "8pm", "ends_at": "09:00"}}, "quiet_hours.starts_at"),
        ({"sender_name": "A", "quiet_hours": None, "reminder_lead_hours": [0]}, "reminder_lead_hours.0"),
        ({"sender_name": "A", "quiet_hours": None, "reminder_lead_hours": [2, 2]}, "reminder_lead_hours"),
        ({"sender_name": "A" * 40, "quiet_hours": None}, "sender_name"),
        ({"sender_name": "A", "quiet_hours": None, "colour": 1}, "colour"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_by_field(notify: Any, body: dict[str, Any], field: str) -> None:
    answer = notify.harness.as_("owner").put("/v1/messaging-policy", body, headers={"If-Match": '"1"'})

    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.get_json()["errors"]]
    assert notify.harness.as_("owner").get("/v1/messaging-policy").get_json()["version"] == 1


def test_a_policy_is_kept_and_two_changes_at_once_do_not_overwrite_each_other(notify: Any) -> None:
    owner = notify.harness.as_("owner")
    body = {
        "sender_name": "Harbor",
        "reminder_lead_hours": [72, 3],
        "quiet_hours": {"starts_at": "21:00", "ends_at": "08:00"},
        "follow_up_delay_minutes": 30,
        "texts_per_day": 1,
        "texts_per_week": 3,
        "booking_confirmation": "always",
    }

    assert owner.put("/v1/messaging-policy", body, headers={"If-Match": '"1"'}).status_code == 200
    assert owner.put("/v1/messaging-policy", body, headers={"If-Match": '"1"'}).status_code == 412
    kept = owner.get("/v1/messaging-policy")

    assert kept.get_json() == {**body, "version": 2}
    assert kept.headers["ETag"] == '"2"'
