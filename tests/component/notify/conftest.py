"""notify-svc against the real catcher: mail goes over SMTP, texts over the provider's API, reports come back signed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from fascia.devset.catcher.catcher import Catcher
from fascia.devset.catcher.caught import Caught
from fascia.testing.backing import free_port
from fascia.testing.harness import Harness
from notify_svc.due.store import DueBuckets
from notify_svc.sending.jobs import due_work
from notify_svc.service import SERVICE

ACCOUNT_SID, AUTH_TOKEN = "AC" + "0" * 32, "token-of-the-test-account"


class Notify:
    """The service with its API served on a port, and the catcher that it sends to."""

    def __init__(self, harness: Harness, catcher: Catcher) -> None:
        self.harness = harness
        self.catcher = catcher

    def patient(self, patient_id: str = "p1", version: int = 1, **changes: Any) -> None:
        """A patient becomes known, who agreed to texts and mail."""
        number = sum(map(ord, patient_id)) % 10_000
        self.harness.deliver(
            "patient.registered" if version == 1 else "patient.updated",
            {
                "patient_id": patient_id,
                "version": version,
                "given_name": "Alva",
                "family_name": "Example",
                "birth_date": datetime(1980, 5, 1, tzinfo=UTC).date(),
                "phone": f"+1617555{number:04}",
                "email": f"{patient_id}@example.org",
                "time_zone": "America/New_York",
                "language": "en",
                "contact_consent": {"sms": True, "email": True},
                **changes,
            },
        )

    def phone(self, patient_id: str = "p1") -> str:
        return f"+1617555{sum(map(ord, patient_id)) % 10_000:04}"

    def session(self, session_id: str = "s1", patient_id: str = "p1", **options: Any) -> None:
        """A session is signed."""
        now = self.harness.clock.now()
        self.harness.deliver(
            "session.completed",
            {
                "session_id": session_id,
                "version": 1,
                "appointment_id": "a1",
                "patient_id": patient_id,
                "therapist_id": "t1",
                "setting": "clinic",
                "service_type": "evaluation",
                "condition_codes": ["M54.50"],
                "started_at": now - timedelta(hours=1),
                "ended_at": now,
                "signed_at": now,
                "treated_minutes": 50,
                "measures": [],
            },
            **options,
        )

    def appointment(
        self, type_: str = "appointment.booked", starts_at: datetime | None = None, version: int = 1, **changes: Any
    ) -> None:
        """A visit of 09:00 at Boston, in ten days unless said otherwise."""
        starts_at = starts_at or self.harness.clock.now() + timedelta(days=10)
        self.harness.deliver(
            type_,
            {
                "appointment_id": "a1",
                "version": version,
                "calendar_sequence": version - 1,
                "patient_id": "p1",
                "therapist_id": "t1",
                "service_type": "treatment",
                "setting": "clinic",
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(hours=1),
                "time_zone": "America/New_York",
                "local_start": changes.pop("local_start", "2027-01-21T09:00"),
                **changes,
            },
        )

    def tick(self) -> None:
        """What a worker does when something is due."""
        due_work(self.harness.runtime).drain()

    def tick_until_idle(self, by: timedelta = timedelta(seconds=45), ticks: int = 4) -> None:
        """Let time pass."""
        for _ in range(ticks):
            self.tick()
            self.harness.clock.advance(by)
        self.tick()

    def messages(self, **filters: str) -> list[dict[str, Any]]:
        """What the API lists, newest first."""
        answer = self.harness.as_("admin").get("/v1/messages", query_string=filters)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        items: list[dict[str, Any]] = answer.get_json()["items"]
        return items

    def only(self, **filters: str) -> dict[str, Any]:
        """The one message that matches."""
        (message,) = self.messages(**filters)
        return message

    def eventually(self, what: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait for something that happens in another thread."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.01)

    def caught(self, kind: str | None = None) -> list[Caught]:
        """What arrived, newest first."""
        return self.catcher.journal.newest_first(
            lambda message: kind in (None, message.kind) and message.direction == "outbound"
        )

    def nothing_due(self) -> bool:
        return DueBuckets(self.harness.runtime.database).oldest() is None


@pytest.fixture
def notify_with(harness_of: Callable[..., Harness], tmp_path: Path) -> Iterator[Callable[..., Notify]]:
    """Make the service with settings of one's own."""
    stops: list[Callable[[], None]] = []

    def make(**environ: str) -> Notify:
        web, http, smtp = free_port(), free_port(), free_port()
        public_url = f"http://127.0.0.1:{web}"
        settings = {
            "FASCIA_NOTIFY_PUBLIC_URL": public_url,
            "FASCIA_OUTCOMES_PUBLIC_URL": "http://outcomes.example.org",
            "FASCIA_SCHEDULING_PUBLIC_URL": "http://scheduling.example.org",
            "FASCIA_TWILIO_BASE_URL": f"http://127.0.0.1:{http}",
            "FASCIA_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "FASCIA_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "FASCIA_SMTP_PORT": str(smtp),
            "FASCIA_MAIL_LOOKUP_URL": f"http://127.0.0.1:{http}/api/messages",
            "FASCIA_SENDER_NAME": "Harbor Clinic",
            "FASCIA_PROVIDER_TIMEOUT_SECONDS": "3.0",
            **environ,
        }
        harness = harness_of(SERVICE, **settings)
        catcher = Catcher(
            tmp_path / "caught",
            account_sid=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            smtp_port=smtp,
            http_port=http,
            inbound_url=f"{public_url}/v1/webhooks/twilio/inbound",
            now=harness.clock.now,
        )
        catcher.start()
        server = make_server("127.0.0.1", web, harness.app, threaded=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        stops.extend((server.shutdown, catcher.stop))
        return Notify(harness, catcher)

    yield make
    for stop in stops:
        stop()


@pytest.fixture
def notify(notify_with: Callable[..., Notify]) -> Notify:
    """The service as it runs in the embedded set."""
    return notify_with()
