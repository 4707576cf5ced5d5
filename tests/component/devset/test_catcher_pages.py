"""The catcher's pages, and replies in a patient's name."""

from __future__ import annotations

from typing import Any

import requests
from twilio.request_validator import RequestValidator

SID, TOKEN = "AC" + "1" * 32, "a-token"
PHONE, SENDER = "+16175550100", "+15005550006"


def test_the_list_shows_both_kinds_newest_first_and_nothing_runs(running: Any) -> None:
    running.mail("<b>First</b>")
    running.text("<script>alert(1)</script>")

    page = running.page()

    assert page.index("&lt;script&gt;") < page.index("&lt;b&gt;First")
    assert "<script" not in page
    assert "First" not in running.page("/?kind=sms")
    assert "script" not in running.page("/?q=a@example.org")


def test_a_link_in_a_message_can_be_followed(running: Any) -> None:
    running.mail(text="Go to https://example.org/q/abc?x=1&y=2. Thank you.")

    page = running.page(f"/messages/{running.messages()[0]['id']}")

    assert 'href="https://example.org/q/abc?x=1&amp;y=2"' in page


def test_a_reply_is_posted_signed_and_the_answer_is_shown(running: Any, receiver: Any) -> None:
    receiver.twiml = "<Response><Message>You will get no more texts &amp; calls.</Message></Response>"
    sid = running.text()

    answer = requests.post(f"{running.url}/messages/{sid}/reply", data={"text": "STOP"}, timeout=5)

    assert "The reply was sent." in answer.text
    path, form, signature = receiver.posts[0]
    assert (path, form["From"], form["To"], form["Body"]) == ("/inbound", PHONE, SENDER, "STOP")
    assert RequestValidator(TOKEN).validate(f"{receiver.url}/inbound", form, signature)
    thread = [one["text"] for one in running.messages(kind="sms")]
    assert thread == ["You will get no more texts & calls.", "STOP", "Hello"]


def test_a_reply_that_the_suite_does_not_take_says_so(running: Any, receiver: Any) -> None:
    receiver.answers = [503]
    sid = running.text()

    answer = requests.post(f"{running.url}/messages/{sid}/reply", data={"text": "C"}, timeout=5)

    assert "Not taken" in answer.text
    assert len(running.messages()) == 1


def test_another_site_cannot_reply_in_a_patients_name(running: Any, receiver: Any) -> None:
    sid = running.text()

    answer = requests.post(
        f"{running.url}/messages/{sid}/reply",
        data={"text": "STOP"},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=5,
    )

    assert answer.status_code == 403
    assert receiver.posts == []
