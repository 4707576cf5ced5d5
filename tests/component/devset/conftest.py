"""A catcher on free ports, and somebody who receives its reports."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from fascia.devset.catcher.catcher import Catcher
from fascia.testing.backing import free_port

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
        client = Client(SID, token, http_client=TwilioHttpClient(timeout=10))
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


@pytest.fixture
def catcher_at() -> Iterator[Callable[[Path], Running]]:
    """Start catchers on folders; what a test did not stop itself is stopped."""
    made: list[Running] = []

    def start(data: Path) -> Running:
        made.append(Running(data))
        return made[-1]

    yield start
    made[-1].catcher.stop()
