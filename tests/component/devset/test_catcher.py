"""The catcher as the suite and scripts meet it: SMTP, the provider's API, JSON, a program."""

from __future__ import annotations

import signal
import smtplib
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from fascia.devset.catcher.signature import sign
from fascia.testing.backing import free_port

SID, TOKEN = "AC" + "1" * 32, "a-token"
PHONE, SENDER = "+16175550100", "+15005550006"


def wait_for(what: Any, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_a_mail_is_taken_and_found_by_its_message_id(running: Any) -> None:
    running.mail("Visit", "día — ok")

    (mail,) = running.messages(reference="<Visit@example.org>")

    assert (mail["kind"], mail["to"], mail["subject"], mail["text"].strip()) == (
        "mail",
        "a@example.org",
        "Visit",
        "día — ok",
    )


def test_a_text_is_taken_and_its_delivery_reported_with_a_valid_signature(running: Any, receiver: Any) -> None:
    callback = f"{receiver.url}/status?practice=demo&message=m1"
    sid = running.text(status_callback=callback)

    wait_for(lambda: receiver.posts)

    path, form, signature = receiver.posts[0]
    assert path == "/status?practice=demo&message=m1"
    assert (form["MessageSid"], form["MessageStatus"], form["To"]) == (sid, "delivered", PHONE)
    assert RequestValidator(TOKEN).validate(callback, form, signature)
    wait_for(lambda: running.twilio().messages(sid).fetch().status == "delivered")


def test_the_signature_is_the_providers_rule() -> None:
    form = {"b": "2", "a": "ü 1", "C": ""}

    assert sign("t", "http://h:1/p?q=1", form) == RequestValidator("t").compute_signature("http://h:1/p?q=1", form)


def test_a_report_that_nobody_takes_is_repeated(running: Any, receiver: Any) -> None:
    receiver.answers = [503, 503]

    running.text(status_callback=f"{receiver.url}/status")

    wait_for(lambda: len(receiver.posts) == 3)


def test_texts_are_listed_by_recipient_newest_first_over_pages(running: Any) -> None:
    for number in range(5):
        running.text(f"text {number}")
    running.text("other", to="+16175550199")

    listed = running.twilio().messages.list(to=PHONE, from_=SENDER, page_size=2)

    assert [one.body for one in listed] == [f"text {number}" for number in (4, 3, 2, 1, 0)]
    assert listed[0].date_created.tzinfo is not None


@pytest.mark.parametrize(
    ("to", "body", "status", "code"),
    [("+15005550001", "x", 400, 21211), ("not a phone", "x", 400, 21211), (PHONE, "", 400, 21602)],
)
def test_what_the_provider_would_refuse_is_refused(running: Any, to: str, body: str, status: int, code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        running.twilio().messages.create(to=to, from_=SENDER, body=body)

    assert (refused.value.status, refused.value.code) == (status, code)


def test_a_wrong_token_is_refused(running: Any) -> None:
    with pytest.raises(TwilioRestException) as refused:
        running.twilio("wrong").messages.create(to=PHONE, from_=SENDER, body="x")

    assert refused.value.status == 401
    assert running.messages() == []


def test_faults_on_purpose_count_down(running: Any) -> None:
    faults = [{"channel": "smtp", "code": 451, "times": 1}, {"channel": "sms", "code": 500, "times": 1}]
    assert requests.put(f"{running.url}/api/faults", json={"faults": faults}, timeout=5).status_code == 200

    with pytest.raises(smtplib.SMTPResponseException) as refused:
        running.mail()
    assert refused.value.smtp_code == 451
    with pytest.raises(TwilioRestException):
        running.text()
    running.mail()
    running.text()

    assert len(running.messages()) == 2


def test_a_dropped_connection_can_hide_that_a_mail_was_taken(running: Any) -> None:
    body = {"faults": [{"channel": "smtp", "after_accept": True, "times": 1}]}
    requests.put(f"{running.url}/api/faults", json=body, timeout=5)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        running.mail()

    assert len(running.messages()) == 1


@pytest.mark.parametrize(
    ("faults", "word"),
    [([{"channel": "fax"}], "channel"), ([{"channel": "sms", "code": 200}], "code"), ([{"chanel": "sms"}], "chanel")],
)
def test_a_fault_that_cannot_be_is_refused_by_name(running: Any, faults: list[Any], word: str) -> None:
    answer = requests.put(f"{running.url}/api/faults", json={"faults": faults}, timeout=5)

    assert answer.status_code == 400
    assert word in answer.json()["detail"]


def test_scripts_filter_by_kind_recipient_and_time(running: Any) -> None:
    running.mail()
    before = datetime.now(UTC).isoformat()
    time.sleep(0.01)
    running.text()

    assert [one["kind"] for one in running.messages(kind="mail")] == ["mail"]
    assert [one["kind"] for one in running.messages(after=before)] == ["sms"]
    assert [one["kind"] for one in running.messages(to=PHONE)] == ["sms"]
    assert requests.get(f"{running.url}/api/messages", params={"after": "today"}, timeout=5).status_code == 400
    assert requests.get(f"{running.url}/api/messages", params={"form": PHONE}, timeout=5).status_code == 400


def test_what_was_caught_survives_a_restart(catcher_at: Any, tmp_path: Path) -> None:
    first = catcher_at(tmp_path)
    first.mail()
    sid = first.text()
    first.catcher.stop()
    with (tmp_path / "caught.jsonl").open("ab") as journal:
        journal.write(b'{"entry": "message", "id": "cut o')

    second = catcher_at(tmp_path)
    second.text("after")

    assert [one["kind"] for one in second.messages()] == ["sms", "sms", "mail"]
    assert second.twilio().messages(sid).fetch().body == "Hello"


def test_a_report_that_is_owed_is_sent_after_a_restart(catcher_at: Any, tmp_path: Path, receiver: Any) -> None:
    first = catcher_at(tmp_path)
    first.catcher.webhooks.report = lambda *_: None
    sid = first.text(status_callback=f"{receiver.url}/status")
    first.catcher.stop()

    catcher_at(tmp_path)

    wait_for(lambda: receiver.posts)
    assert receiver.posts[0][1]["MessageSid"] == sid


def test_as_a_program_it_keeps_what_it_took_even_when_it_is_killed(tmp_path: Path) -> None:
    smtp, http = free_port(), free_port()
    argv = [sys.executable, "-m", "fascia.devset.catcher", "--smtp-port", str(smtp), "--http-port", str(http)]
    argv += ["--data", str(tmp_path), "--account-sid", SID, "--auth-token", TOKEN]

    def start() -> subprocess.Popen[bytes]:
        child = subprocess.Popen(argv, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert b"catcher: mail on" in child.stdout.readline()
        return child

    child = start()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Kept"
    mail.set_content("x")
    with smtplib.SMTP("127.0.0.1", smtp, timeout=5) as relay:
        relay.send_message(mail)
    child.kill()
    child.wait()

    child = start()
    items = requests.get(f"http://127.0.0.1:{http}/api/messages", timeout=5).json()["items"]
    child.send_signal(signal.SIGTERM)

    assert [item["subject"] for item in items] == ["Kept"]
    assert child.wait(15) == 0


def test_as_a_program_a_taken_port_gives_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        argv = [
            sys.executable,
            "-m",
            "fascia.devset.catcher",
            "--smtp-port",
            str(port),
            "--http-port",
            str(free_port()),
        ]
        argv += ["--data", str(tmp_path), "--account-sid", SID, "--auth-token", TOKEN]
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 2
    assert ended.stderr.strip() == f"catcher: port {port} is taken by another program; choose another with --smtp-port"
