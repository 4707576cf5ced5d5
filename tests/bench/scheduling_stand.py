"""scheduling-svc as a real web process on a database of its own, with a practice, therapists and cleared patients."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from fascia.backbone.dead_letters import Record
from fascia.backbone.dispatch import Dispatcher, Fate
from fascia.backbone.outbox_row import compose
from fascia.crypto.keyring import new_keyring
from fascia.ids import new_id
from fascia.runtime import Runtime, open_runtime
from fascia.settings import load
from fascia.store.indexes import ensure_indexes
from fascia.testing.backing import free_port
from fascia.testing.tokens import ISSUER, TestIssuer
from scheduling_svc.service import SERVICE

PRACTICE = "bench"
FIRST_DAY = datetime(2027, 4, 5, 12, 0, tzinfo=UTC)
"""08:00 in Boston, when the therapists' shifts begin; no change of clocks in the weeks after."""
SHIFT_HOURS = 12
VISIT_MINUTES = 30
_COORDINATES = {"latitude": 42.35, "longitude": -71.07}
_ADDRESS = {
    "line": "1 Specimen Street",
    "city": "Boston",
    "state": "MA",
    "postal_code": "02116",
    "country": "US",
    "coordinates": _COORDINATES,
}


@dataclass(frozen=True)
class Stand:
    """A running service and what a client needs to book."""

    base: str
    token: str
    patients: list[str]
    runtime: Runtime

    def session(self) -> requests.Session:
        """A client that keeps its connection."""
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {self.token}"
        return session

    def slot(self, patient: int, therapist: int, day: int, number: int) -> dict[str, Any]:
        """The `number`th slot of a therapist's day, for a patient."""
        starts_at = FIRST_DAY + timedelta(days=day, minutes=number * VISIT_MINUTES)
        return {
            "patient_id": self.patients[patient],
            "service_type": "massage",
            "setting": "clinic",
            "claim_id": f"claim-{patient}",
            "therapist_id": f"therapist-{therapist}",
            "location_id": "clinic",
            "room_id": f"room-{therapist}",
            "starts_at": starts_at.isoformat(),
        }


@contextlib.contextmanager
def serving(uri: str, **settings: str) -> Iterator[Stand]:
    """Start the service on an empty database of its own, for a practice that is not set up yet."""
    with TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        issuer = TestIssuer(folder)
        (folder / "keyring.json").write_text(new_keyring())
        environ = {
            "FASCIA_MONGODB_URI": uri,
            "FASCIA_DATABASE": f"bench_{new_id()[-8:]}",
            "FASCIA_KAFKA_BOOTSTRAP": "127.0.0.1:9",
            "FASCIA_KEYRING_FILE": str(folder / "keyring.json"),
            "FASCIA_OIDC_ISSUER": ISSUER,
            "FASCIA_JWKS_URL": issuer.jwks_url,
            "FASCIA_HTTP_PORT": str(port),
            "FASCIA_HTTP_THREADS": "16",
            "FASCIA_LOG_LEVEL": "WARNING",
            **settings,
        }
        runtime = open_runtime(SERVICE.name, load(SERVICE.settings, environ))
        ensure_indexes(runtime.database, SERVICE.all_indexes)
        with _web({**os.environ, **environ}, port):
            yield Stand(f"http://127.0.0.1:{port}", issuer.token(["owner"], PRACTICE, "bench"), [], runtime)
        runtime.client.drop_database(runtime.database.name)
        runtime.close()


@contextlib.contextmanager
def standing(uri: str, *, therapists: int, patients: int, days: int, visits: int) -> Iterator[Stand]:
    """Start the service; `visits` is what each patient's claim allows."""
    with serving(uri) as bare:
        stand = replace(bare, patients=[f"patient-{n}" for n in range(patients)])
        _workforce(stand, therapists, days)
        _clear(stand, visits)
        yield stand


def deliver(stand: Stand, type_: str, data: dict[str, Any]) -> None:
    """An event of another service takes effect."""
    dispatcher = Dispatcher(stand.runtime, SERVICE.handlers, SERVICE.name)
    row = compose(
        type_,
        data,
        practice_id=PRACTICE,
        source="bench",
        at=datetime.now(UTC),
        sequence=1,
        keyring=stand.runtime.keyring,
    )
    fate = dispatcher.dispatch(Record(row.topic, 0, 0, row.key, row.value, row.headers), set())
    if fate is not Fate.HANDLED:
        raise RuntimeError(f"{type_}: {fate}")


@contextlib.contextmanager
def _web(environ: dict[str, str], port: int) -> Iterator[None]:
    child = subprocess.Popen([sys.executable, "-m", "scheduling_svc", "web"], env=environ, stdout=sys.stderr)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=1).ok:
                    break
            time.sleep(0.1)
        yield
    finally:
        child.terminate()
        child.wait(30)


def _workforce(stand: Stand, therapists: int, days: int) -> None:
    with stand.session() as session:

        def send(method: str, path: str, body: dict[str, Any]) -> None:
            answer = session.request(method, stand.base + path, json=body, timeout=30)
            if not answer.ok:
                raise RuntimeError(f"{path}: {answer.text}")

        send("PUT", "/v1/practice", {"name": "Bench", "time_zone": "America/New_York"})
        clinic = {"name": "Clinic", "setting": "clinic", "address": _ADDRESS, "time_zone": "America/New_York"}
        send("POST", "/v1/locations", {"id": "clinic", **clinic})
        massage = {"name": "Massage", "minutes": VISIT_MINUTES, "requires_prescription": True}
        send("POST", "/v1/service-types", {"code": "massage", **massage})
        for number in range(therapists):
            send("POST", "/v1/rooms", {"id": f"room-{number}", "location_id": "clinic", "name": f"Room {number}"})
            send("POST", "/v1/therapists", _therapist(number))
            for day in range(days):
                local = (FIRST_DAY + timedelta(days=day)).date().isoformat()
                shift = {"local_start": f"{local}T08:00", "local_end": f"{local}T20:00", "location_id": "clinic"}
                send("POST", f"/v1/therapists/therapist-{number}/shifts", shift)


def _therapist(number: int) -> dict[str, Any]:
    licence = {"state": "MA", "number": f"LMT-{number}", "valid_from": "2020-01-01", "valid_until": "2030-01-01"}
    return {
        "id": f"therapist-{number}",
        "name": f"Therapist {number}",
        "home": _COORDINATES,
        "time_zone": "America/New_York",
        "licences": [licence],
        "service_types": ["massage"],
        "settings": ["clinic"],
    }


def _clear(stand: Stand, visits: int) -> None:
    """The events that records-svc would have sent: patient, clearance, prescription."""
    for number, patient_id in enumerate(stand.patients):
        for type_, data in _chart(number, patient_id, visits):
            deliver(stand, type_, data)


def _chart(number: int, patient_id: str, visits: int) -> list[tuple[str, dict[str, Any]]]:
    patient = {
        "patient_id": patient_id,
        "version": 1,
        "given_name": "Sample",
        "family_name": str(number),
        "birth_date": datetime(1980, 1, 1, tzinfo=UTC).date(),
        "address": _ADDRESS,
        "time_zone": "America/New_York",
        "contact_consent": {"sms": False, "email": False},
    }
    clearance = {
        "patient_id": patient_id,
        "version": 1,
        "verdict": "cleared",
        "evaluation_id": "evaluation",
        "reasons": [],
        "home_visits": True,
        "effective_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    prescription = {
        "claim_id": f"claim-{number}",
        "version": 1,
        "prescription_id": f"prescription-{number}",
        "patient_id": patient_id,
        "visits_authorised": visits,
        "starts_on": datetime(2026, 1, 1, tzinfo=UTC).date(),
        "expires_on": datetime(2028, 1, 1, tzinfo=UTC).date(),
        "home_visits": True,
    }
    return [("patient.registered", patient), ("clearance.changed", clearance), ("prescription.activated", prescription)]
