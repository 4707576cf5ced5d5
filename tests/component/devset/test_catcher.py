"""The catcher as the suite and people meet it: SMTP, the provider's API, pages, scripts."""

from __future__ import annotations

import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from fascia.devset.catcher.catcher import Catcher
from fascia.devset.catcher.signature import sign
from fascia.testing.backing import free_port
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

SID, TOKEN = "AC" + "1" * 32, "a-token"
PHONE, SENDER = "+16175550100", "+15005550006"


class Receiver:
    """Stands in for the suite's webhooks and keeps what is posted to it."""

    def __init__(self, answers: list[int] | None = None) -> None:
        self.posts: list[tuple[str, dict[str, str], str]] = []
        self.answers = answers or []
        self.twiml = "<Response/>"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.posts.append((self.path, dict(parse_qsl(body)), self.headers["X-Twilio-Signature"]))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Content-Type", "application/xml")
                self.end_headers()
                self.wfile.write(outer.twiml.encode())

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Running:
    """A catcher on free ports."""

    def __init__(self, data: Path, inbound_url: str | None = None) -> None:
        self.smtp_port, http_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{http_port}"
        self.data = data
        self.catcher = Catcher(
            data,
            account_sid=SID,
            auth_token=TOKEN,
            smtp_port=self.smtp_port,
            http_port=http_port,
            inbound_url=inbound_url,
        )
        self.catcher.start()

    def twilio(self, token: str = TOKEN) -> Client:
        client = Client(SID, token, http_client=TwilioHttpClient(timeout=2))
        client.api.base_url = self.url
        return client

    def text(self, body: str = "Hello", to: str = PHONE, **more: Any) -> str:
        return str(self.twilio().messages.create(to=to, from_=SENDER, body=body, **more).sid)

    def mail(
        self, subject: str = "Hello", text: str = "Read https://example.org/q/abc.", to: str = "a@example.org"
    ) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "practice@example.org", to, subject
        mail["Message-ID"] = f"<{subject.strip('</b>')}@example.org>"
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5) as relay:
            relay.send_message(mail)

    def messages(self, **query: str) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/api/messages", params=query, timeout=5)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def page(self, path: str = "/") -> str:
        answer = requests.get(self.url + path, timeout=5)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def running(tmp_path: Path, receiver: Receiver) -> Iterator[Running]:
    made = Running(tmp_path / "caught", f"{receiver.url}/inbound")
    yield made
    made.catcher.stop()


def wait_for(what: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_a_mail_is_taken_and_found_by_its_message_id(running: Running) -> None:
    running.mail("Visit", "día — ok")

    (mail,) = running.messages(reference="<Visit@example.org>")

    assert (mail["kind"], mail["to"], mail["subject"], mail["text"].strip()) == (
        "mail",
        "a@example.org",
        "Visit",
        "día — ok",
    )


def test_a_text_is_taken_and_its_delivery_reported_with_a_valid_signature(running: Running, receiver: Receiver) -> None:
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


def test_a_report_that_nobody_takes_is_repeated(running: Running, receiver: Receiver) -> None:
    receiver.answers = [503, 503]

    running.text(status_callback=f"{receiver.url}/status")

    wait_for(lambda: len(receiver.posts) == 3)


def test_texts_are_listed_by_recipient_newest_first_over_pages(running: Running) -> None:
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
def test_what_the_provider_would_refuse_is_refused(
    running: Running, to: str, body: str, status: int, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        running.twilio().messages.create(to=to, from_=SENDER, body=body)

    assert (refused.value.status, refused.value.code) == (status, code)


def test_a_wrong_token_is_refused(running: Running) -> None:
    with pytest.raises(TwilioRestException) as refused:
        running.twilio("wrong").messages.create(to=PHONE, from_=SENDER, body="x")

    assert refused.value.status == 401
    assert running.messages() == []


def test_faults_on_purpose_count_down(running: Running) -> None:
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


def test_a_dropped_connection_can_hide_that_a_mail_was_taken(running: Running) -> None:
    body = {"faults": [{"channel": "smtp", "after_accept": True, "times": 1}]}
    requests.put(f"{running.url}/api/faults", json=body, timeout=5)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        running.mail()

    assert len(running.messages()) == 1


@pytest.mark.parametrize(
    ("faults", "word"),
    [([{"channel": "fax"}], "channel"), ([{"channel": "sms", "code": 200}], "code"), ([{"chanel": "sms"}], "chanel")],
)
def test_a_fault_that_cannot_be_is_refused_by_name(running: Running, faults: list[Any], word: str) -> None:
    answer = requests.put(f"{running.url}/api/faults", json={"faults": faults}, timeout=5)

    assert answer.status_code == 400
    assert word in answer.json()["detail"]


def test_scripts_filter_by_kind_recipient_and_time(running: Running) -> None:
    running.mail()
    before = datetime.now(UTC).isoformat()
    time.sleep(0.01)
    running.text()

    assert [one["kind"] for one in running.messages(kind="mail")] == ["mail"]
    assert [one["kind"] for one in running.messages(after=before)] == ["sms"]
    assert [one["kind"] for one in running.messages(to=PHONE)] == ["sms"]
    assert requests.get(f"{running.url}/api/messages", params={"after": "today"}, timeout=5).status_code == 400
    assert requests.get(f"{running.url}/api/messages", params={"form": PHONE}, timeout=5).status_code == 400


def test_what_was_caught_survives_a_restart(tmp_path: Path) -> None:
    first = Running(tmp_path)
    first.mail()
    sid = first.text()
    first.catcher.stop()
    with (tmp_path / "caught.jsonl").open("ab") as journal:
        journal.write(b'{"entry": "message", "id": "cut o')

    second = Running(tmp_path)
    second.text("after")

    assert [one["kind"] for one in second.messages()] == ["sms", "sms", "mail"]
    assert second.twilio().messages(sid).fetch().body == "Hello"
    second.catcher.stop()


def test_a_report_that_is_owed_is_sent_after_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    first = Running(tmp_path)
    first.catcher.webhooks.report = lambda *_: None  # type: ignore[method-assign]
    sid = first.text(status_callback=f"{receiver.url}/status")
    first.catcher.stop()

    second = Running(tmp_path)

    wait_for(lambda: receiver.posts)
    assert receiver.posts[0][1]["MessageSid"] == sid
    second.catcher.stop()


def test_the_list_shows_both_kinds_newest_first_and_nothing_runs(running: Running) -> None:
    running.mail("<b>First</b>")
    running.text("<script>alert(1)</script>")

    page = running.page()

    assert page.index("&lt;script&gt;") < page.index("&lt;b&gt;First")
    assert "<script" not in page
    assert "First" not in running.page("/?kind=sms")
    assert "script" not in running.page("/?q=a@example.org")


def test_a_link_in_a_message_can_be_followed(running: Running) -> None:
    running.mail(text="Go to https://example.org/q/abc?x=1&y=2. Thank you.")

    page = running.page(f"/messages/{running.messages()[0]['id']}")

    assert 'href="https://example.org/q/abc?x=1&amp;y=2"' in page


def test_a_reply_is_posted_signed_and_the_answer_is_shown(running: Running, receiver: Receiver) -> None:
    receiver.twiml = "<Response><Message>You will get no more texts &amp; calls.</Message></Response>"
    sid = running.text()

    answer = requests.post(f"{running.url}/messages/{sid}/reply", data={"text": "STOP"}, timeout=5)

    assert "The reply was sent." in answer.text
    path, form, signature = receiver.posts[0]
    assert (path, form["From"], form["To"], form["Body"]) == ("/inbound", PHONE, SENDER, "STOP")
    assert RequestValidator(TOKEN).validate(f"{receiver.url}/inbound", form, signature)
    thread = [one["text"] for one in running.messages(kind="sms")]
    assert thread == ["You will get no more texts & calls.", "STOP", "Hello"]


def test_a_reply_that_the_suite_does_not_take_says_so(running: Running, receiver: Receiver) -> None:
    receiver.answers = [503]
    sid = running.text()

    answer = requests.post(f"{running.url}/messages/{sid}/reply", data={"text": "C"}, timeout=5)

    assert "Not taken" in answer.text
    assert len(running.messages()) == 1


def test_another_site_cannot_reply_in_a_patients_name(running: Running, receiver: Receiver) -> None:
    sid = running.text()

    answer = requests.post(
        f"{running.url}/messages/{sid}/reply",
        data={"text": "STOP"},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=5,
    )

    assert answer.status_code == 403
    assert receiver.posts == []


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
