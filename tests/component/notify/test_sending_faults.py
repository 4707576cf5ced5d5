"""Providers that fail, and processes that are killed: nothing lost, nothing twice."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fascia.devset.catcher.faults import Fault
from notify_svc.sending.jobs import DueWork
from notify_svc.sending.preparation import take_up
from notify_svc.sending.provider import providers

pytestmark = pytest.mark.embedded

MAIL_ALONE = {"sms": False, "email": True}


class SlowRelay:
    """A mail relay that takes its time over each answer."""

    def __init__(self, seconds: float) -> None:
        self.heard: list[str] = []
        self._seconds = seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            with connection, connection.makefile("rwb") as dialogue:
                self._say(dialogue, b"220 slow")
                while line := dialogue.readline():
                    self.heard.append(line.decode().strip().split(" ")[0].upper())
                    self._say(dialogue, b"354 go on" if self.heard[-1] == "DATA" else b"250 ok")

    def _say(self, dialogue: Any, answer: bytes) -> None:
        time.sleep(self._seconds)
        dialogue.write(answer + b"\r\n")
        dialogue.flush()

    def stop(self) -> None:
        self._listener.close()


def killed_before_sending(notify: Any, message_id: str) -> None:
    """A worker takes a message up and is killed before it sends."""
    notify.harness.runtime.transaction("demo", lambda uow: take_up(uow, message_id))


def killed_after_sending(notify: Any, message_id: str) -> None:
    """A worker takes a message up, sends it, and is killed before it notes so."""
    runtime = notify.harness.runtime
    attempt = runtime.transaction("demo", lambda uow: take_up(uow, message_id))
    providers(notify.harness.settings)[attempt.message.channel].send(attempt.message, "demo")


@pytest.mark.parametrize("consent", [{"sms": True, "email": False}, MAIL_ALONE], ids=["sms", "mail"])
@pytest.mark.parametrize("killed", [killed_before_sending, killed_after_sending])
def test_a_message_whose_worker_was_killed_arrives_once(
    notify: Any, killed: Callable[[Any, str], None], consent: dict[str, bool]
) -> None:
    notify.catcher.webhooks.report = lambda *_: None  # no report gives the answer away
    notify.patient(contact_consent=consent)
    notify.session()
    killed(notify, notify.only()["id"])
    notify.tick()
    assert notify.only()["state"] == "sending", "nobody else may touch it while the attempt's lease lasts"

    notify.harness.clock.advance(timedelta(seconds=31))
    notify.tick()

    assert len(notify.caught()) == 1
    assert notify.only()["state"] == "sent"
    notify.tick_until_idle(timedelta(hours=13))
    assert len(notify.caught()) == 1
    assert notify.nothing_due()


def test_two_equal_texts_to_one_phone_are_told_apart(notify: Any) -> None:
    notify.catcher.webhooks.report = lambda *_: None
    notify.patient()
    notify.session("s1")
    notify.session("s2")
    first, second = (message["id"] for message in notify.messages())
    killed_after_sending(notify, first)
    killed_before_sending(notify, second)

    notify.tick_until_idle()

    assert len(notify.caught("sms")) == 2
    assert [message["state"] for message in notify.messages()] == ["sent", "sent"]


@pytest.mark.parametrize(
    ("fault", "consent"),
    [
        (Fault(channel="smtp", code=451, times=2), MAIL_ALONE),
        (Fault(channel="sms", code=500, times=2), {"sms": True, "email": False}),
        (Fault(channel="sms", code=429, times=2), {"sms": True, "email": False}),
    ],
    ids=["smtp 451", "http 500", "http 429"],
)
def test_a_provider_that_fails_for_a_while_gets_the_message_later(
    notify: Any, fault: Fault, consent: dict[str, bool]
) -> None:
    notify.catcher.faults.set([fault])
    notify.patient(contact_consent=consent)
    notify.session()

    notify.tick()
    assert notify.caught() == []
    assert notify.only()["state"] == "sending"
    notify.tick_until_idle()

    assert len(notify.caught()) == 1
    assert notify.only()["state"] in ("sent", "delivered")


@pytest.mark.parametrize(
    ("fault", "consent"),
    [
        (Fault(channel="smtp", after_accept=True, times=1), MAIL_ALONE),
        (Fault(channel="sms", code=500, after_accept=True, times=1), {"sms": True, "email": False}),
        (Fault(channel="sms", delay_seconds=3.5, after_accept=True, times=1), {"sms": True, "email": False}),
    ],
    ids=["smtp connection lost after the content", "http 500 after it was taken", "no answer in time"],
)
def test_a_provider_that_took_it_but_did_not_say_so_is_asked_first(
    notify: Any, fault: Fault, consent: dict[str, bool]
) -> None:
    notify.catcher.webhooks.report = lambda *_: None
    notify.catcher.faults.set([fault])
    notify.patient(contact_consent=consent)
    notify.session()

    notify.tick_until_idle()

    assert len(notify.caught()) == 1
    assert notify.only()["state"] == "sent"


def test_a_plain_relay_that_may_have_it_is_left_to_a_person(notify_with: Callable[..., Any]) -> None:
    notify = notify_with(FASCIA_MAIL_LOOKUP_URL="")
    notify.catcher.faults.set([Fault(channel="smtp", after_accept=True, times=1)])
    notify.patient(contact_consent=MAIL_ALONE)
    notify.session()

    notify.tick_until_idle()

    assert len(notify.caught()) == 1
    assert (notify.only()["state"], notify.only()["reason"]) == ("failed", "unknown_if_sent")


def test_a_plain_relay_that_surely_does_not_have_it_is_tried_again(notify_with: Callable[..., Any]) -> None:
    notify = notify_with(FASCIA_MAIL_LOOKUP_URL="")
    notify.catcher.faults.set([Fault(channel="smtp", code=451, times=1)])
    notify.patient(contact_consent=MAIL_ALONE)
    notify.session()

    notify.tick_until_idle()

    assert len(notify.caught()) == 1
    assert notify.only()["state"] == "sent"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"contact_consent": MAIL_ALONE}, "smtp_550"),
        ({"phone": "+15005550001"}, "sms_21211"),
    ],
    ids=["no such mailbox", "no such phone"],
)
def test_a_refusal_is_final_and_told(notify: Any, changes: dict[str, Any], reason: str) -> None:
    notify.catcher.faults.set([Fault(channel="smtp", code=550)])
    notify.patient(**changes)
    notify.session()

    notify.tick_until_idle()

    assert (notify.only()["state"], notify.only()["reason"]) == ("failed", reason)
    (event,) = notify.harness.published()
    assert (event.type, event.data["reason"]) == ("message.failed", reason)
    assert notify.only()["attempts"] == 1


def test_nobody_at_the_other_end_is_tried_until_it_is_no_use_any_more(notify_with: Callable[..., Any]) -> None:
    notify = notify_with(FASCIA_TWILIO_BASE_URL="http://127.0.0.1:9")
    notify.patient()
    notify.session()

    notify.tick_until_idle(timedelta(hours=1, minutes=10), ticks=11)

    assert (notify.only()["state"], notify.only()["reason"]) == ("failed", "sms_unreachable")
    assert notify.only()["attempts"] == 10
    assert notify.nothing_due()


def test_a_text_that_bounces_is_told(notify: Any) -> None:
    notify.catcher.webhooks.outcome = "undelivered"
    notify.patient()
    notify.session()

    notify.tick()

    notify.eventually(lambda: notify.only()["state"] == "bounced")
    assert [event.type for event in notify.harness.published()] == ["message.sent", "message.failed"]
    assert notify.harness.published()[-1].data["reason"] == "sms_30003"


@pytest.mark.parametrize(
    ("became", "state"),
    [("delivered", "delivered"), ("undelivered", "bounced"), ("failed", "failed"), ("sent", "sent")],
)
def test_what_the_provider_could_not_report_is_asked_for(notify: Any, became: str, state: str) -> None:
    notify.catcher.webhooks.report = lambda *_: None
    notify.patient()
    notify.session()
    notify.tick()
    notify.catcher.journal.set_status(notify.caught()[0].id, became, callback_done=True)

    notify.harness.clock.advance(timedelta(seconds=89))
    notify.tick()
    assert notify.only()["state"] == "sent"
    notify.harness.clock.advance(timedelta(seconds=2))
    notify.tick()

    assert notify.only()["state"] == state
    assert len(notify.caught()) == 1


def test_a_provider_that_cannot_be_asked_is_asked_again_later(notify: Any) -> None:
    notify.catcher.webhooks.report = lambda *_: None
    notify.patient()
    notify.session()
    notify.tick()
    text = notify.caught()[0]
    notify.catcher.journal.set_status(text.id, "delivered", callback_done=True)
    hidden = notify.catcher.journal._messages.pop(text.id)
    notify.harness.clock.advance(timedelta(seconds=91))
    notify.tick()
    assert notify.only()["state"] == "sent"

    notify.catcher.journal._messages[text.id] = hidden
    notify.harness.clock.advance(timedelta(seconds=92))
    notify.tick()

    assert notify.only()["state"] == "delivered"


def test_an_opt_out_between_two_attempts_is_honoured(notify: Any) -> None:
    notify.catcher.faults.set([Fault(channel="sms", code=429, times=1)])
    notify.patient()
    notify.session()
    notify.tick()
    client = notify.harness.as_("admin")
    etag = client.get("/v1/contacts/p1/consent").headers["ETag"]
    client.put("/v1/contacts/p1/consent", {"sms": False, "email": False}, headers={"If-Match": etag})

    notify.tick_until_idle()

    assert notify.caught() == []
    assert notify.only()["reason"] == "no_consent"


def test_many_due_at_once_go_out_once_each_from_two_workers(notify: Any) -> None:
    notify.patient()
    for number in range(20):
        notify.session(f"s{number}")
    workers = [threading.Thread(target=DueWork(notify.harness.runtime).drain) for _ in range(2)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    notify.tick_until_idle()
    assert len(notify.caught("sms")) == 20
    notify.eventually(lambda: {message["state"] for message in notify.messages(limit="200")} == {"delivered"})


def test_a_relay_that_answers_too_slowly_gets_no_content_and_is_tried_again(notify_with: Callable[..., Any]) -> None:
    slow = SlowRelay(seconds=0.6)
    notify = notify_with(
        FASCIA_MAIL_LOOKUP_URL="", FASCIA_SMTP_PORT=str(slow.port), FASCIA_PROVIDER_TIMEOUT_SECONDS="1.0"
    )
    notify.patient(contact_consent=MAIL_ALONE)
    notify.session()

    notify.tick()

    assert notify.only()["state"] == "sending", "it is tried again later: the relay certainly has nothing"
    assert "DATA" not in slow.heard
    slow.stop()
