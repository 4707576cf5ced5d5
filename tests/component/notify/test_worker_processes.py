"""Worker processes on a real broker: quick when all is well, exact when they are killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fascia.backbone.kafka import create_topics
from fascia.clock import SystemClock
from fascia.contracts import topics
from fascia.devset.catcher.catcher import Catcher
from fascia.ids import new_id
from fascia.testing.backing import database_uri, free_port
from fascia.testing.harness import Client, Harness
from notify_svc.service import SERVICE

pytestmark = pytest.mark.embedded

SID, TOKEN = "AC" + "2" * 32, "a-token"


class Installation:
    """notify-svc's worker processes with everything around them."""

    def __init__(self, harness: Harness, catcher: Catcher, environ: dict[str, str], logs: Path) -> None:
        self.harness = harness
        # Topics outlive a test: what another one sent is not of this practice.
        self.practice_id = f"practice-{new_id()}"
        self.catcher = catcher
        self._environ = environ
        self._logs = logs
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self) -> subprocess.Popen[bytes]:
        log = (self._logs / f"worker-{len(self.workers)}.log").open("wb")
        argv = [sys.executable, "-m", "notify_svc", "worker"]
        self.workers.append(subprocess.Popen(argv, env=self._environ, stdout=log, stderr=log))
        return self.workers[-1]

    def as_(self, role: str) -> Client:
        return self.harness.as_(role, self.practice_id)

    def publish(self, type_: str, data: dict[str, Any]) -> None:
        """As another service would: through an outbox, which the worker's relay sends on."""
        self.harness.runtime.transaction(
            self.practice_id, lambda uow: uow.publish(type_, data, sequence=data["version"])
        )

    def patient(self, patient_id: str, phone: str) -> None:
        data = {
            "patient_id": patient_id,
            "version": 1,
            "given_name": "Alva",
            "family_name": "Example",
            "birth_date": datetime(1980, 5, 1, tzinfo=UTC).date(),
            "phone": phone,
            "email": f"{patient_id}@example.org",
            "time_zone": "America/New_York",
            "contact_consent": {"sms": True, "email": True},
        }
        self.publish("patient.registered", data)

    def session(self, session_id: str, patient_id: str) -> None:
        now = datetime.now(UTC)
        data = {
            "session_id": session_id,
            "version": 1,
            "appointment_id": f"a-{session_id}",
            "patient_id": patient_id,
            "therapist_id": "t1",
            "setting": "clinic",
            "service_type": "treatment",
            "condition_codes": [],
            "started_at": now - timedelta(hours=1),
            "ended_at": now,
            "signed_at": now,
            "treated_minutes": 50,
            "measures": [],
        }
        self.publish("session.completed", data)

    def texts(self) -> int:
        return len(self.catcher.journal.newest_first())

    def wait_for_texts(self, count: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.texts() < count:
            assert time.monotonic() < deadline, f"{self.texts()} of {count} arrived"
            time.sleep(0.005)


@pytest.fixture
def database_of_its_own() -> Iterator[str]:
    """Workers that are killed leave transactions open, and the embedded database drops nothing before they end."""
    with database_uri() as uri:
        yield uri


@pytest.fixture
def installation(database_of_its_own: str, kafka_bootstrap: str, tmp_path: Path) -> Iterator[Installation]:
    http, smtp = free_port(), free_port()
    settings = {
        "FASCIA_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "FASCIA_BROKER_GENERATION": tmp_path.name,
        "FASCIA_TWILIO_BASE_URL": f"http://127.0.0.1:{http}",
        "FASCIA_TWILIO_ACCOUNT_SID": SID,
        "FASCIA_TWILIO_AUTH_TOKEN": TOKEN,
        "FASCIA_SMTP_PORT": str(smtp),
        "FASCIA_PROVIDER_TIMEOUT_SECONDS": "1.0",
        "FASCIA_ATTEMPT_LEASE_SECONDS": "4.0",
    }
    create_topics(kafka_bootstrap, topics(), 4)
    harness = Harness(SERVICE, database_of_its_own, settings)
    # What is far from any worker's clock would be due never or at once.
    harness.clock.advance(SystemClock().now() - harness.clock.now())
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FASCIA_")},
        **settings,
        "FASCIA_MONGODB_URI": harness.settings.mongodb_uri,
        "FASCIA_DATABASE": harness.settings.database,
        "FASCIA_KEYRING_FILE": harness.settings.keyring_file,
        "FASCIA_OIDC_ISSUER": harness.settings.oidc_issuer,
        "FASCIA_JWKS_URL": harness.settings.jwks_url,
    }
    catcher = Catcher(tmp_path / "caught", account_sid=SID, auth_token=TOKEN, smtp_port=smtp, http_port=http)
    # Nobody is there to take reports: what was sent is found out by asking alone.
    catcher.webhooks.report = lambda *_: None  # type: ignore[method-assign]
    catcher.start()
    made = Installation(harness, catcher, environ, tmp_path)
    body = {"sender_name": "Harbor", "quiet_hours": None}
    answer = made.as_("owner").put("/v1/messaging-policy", body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()
    catcher.stop()
    if "MONGODB_URI" in os.environ:
        harness.close()


def test_a_follow_up_leaves_soon_after_the_session_is_signed(installation: Installation) -> None:
    installation.start_worker()
    installation.patient("p1", "+16175550100")
    installation.session("warm-up", "p1")
    installation.wait_for_texts(1, 30)
    took = []
    for number in range(5):
        began = time.monotonic()
        installation.session(f"s{number}", "p1")
        installation.wait_for_texts(number + 2, 10)
        took.append(time.monotonic() - began)

    assert min(took) < 1.0, f"from the commit to the provider: {took}"


@pytest.mark.soak
@pytest.mark.timeout(240)
def test_workers_killed_at_random_lose_nothing_and_send_nothing_twice(installation: Installation) -> None:
    count, dice = 60, random.Random(7)
    for _ in range(2):
        installation.start_worker()
    for number in range(4):
        installation.patient(f"p{number}", f"+1617555010{number}")
    installation.session("warm-up", "p0")
    installation.wait_for_texts(1, 30)
    for number in range(count):
        installation.session(f"s{number}", f"p{number % 4}")

    for _ in range(6):
        time.sleep(dice.uniform(0.1, 0.6))
        victim = dice.choice([worker for worker in installation.workers if worker.poll() is None])
        victim.kill()
        victim.wait()
        installation.start_worker()

    # What a killed worker had in a transaction stays locked until the database ends that, after a minute.
    installation.wait_for_texts(count + 1, 150)
    admin = installation.as_("admin")
    deadline = time.monotonic() + 30
    while admin.get("/v1/messages", query_string={"state": "sending"}).get_json()["items"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    found = admin.get("/v1/messages", query_string={"limit": 200}).get_json()["items"]
    assert Counter(message["state"] for message in found) == {"sent": count + 1}
    assert installation.texts() == count + 1
