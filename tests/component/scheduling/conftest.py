"""A scheduling-svc under test: a practice in Boston with a clinic, two therapists and patients who may be treated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

import pytest

from fascia.backbone.event import Event
from fascia.testing.harness import MONDAY as NOW
from fascia.testing.harness import Client, Harness
from scheduling_svc.service import SERVICE

ZONE = "America/New_York"
MONDAY = "2027-01-18"
HOME = {"latitude": 42.3601, "longitude": -71.0589}
_numbers = count(1)


def address(latitude: float = 42.3736, longitude: float = -71.1097, **changes: Any) -> dict[str, Any]:
    """A synthetic address in Greater Boston."""
    return {
        "line": "1 Sample Street",
        "city": "Cambridge",
        "state": "MA",
        "postal_code": "02139",
        "country": "US",
        "coordinates": {"latitude": latitude, "longitude": longitude},
        **changes,
    }


class Practice:
    """A practice that works with the service: its sites, its people, and the events that arrive from records-svc."""

    def __init__(self, harness: Harness, practice_id: str) -> None:
        self.harness = harness
        self.practice_id = practice_id
        self.desk: Client = harness.as_("admin", practice_id, subject="clerk-1")
        self.made("put", "/v1/practice", {"name": "Sample Practice", "time_zone": ZONE}, 200)
        self.made("post", "/v1/service-types", {"code": "massage-60", "name": "Massage", "minutes": 60})
        first = {"code": "evaluation-60", "name": "Evaluation", "minutes": 60, "kind": "evaluation"}
        self.made("post", "/v1/service-types", first)
        clinic = {"id": "clinic", "name": "Clinic", "setting": "clinic", "address": address(), "time_zone": ZONE}
        self.made("post", "/v1/locations", clinic)
        self.made("post", "/v1/rooms", {"id": "room-1", "location_id": "clinic", "name": "Room 1"})
        self.therapist("alma")

    def made(self, method: str, path: str, body: Any = None, status: int = 201, **options: Any) -> dict[str, Any]:
        """The body of an answer that must have this status."""
        answer = getattr(self.desk, method)(path, body, **options)
        assert answer.status_code == status, answer.json
        return dict(answer.json)

    def as_(self, role: str, subject: str) -> Client:
        """A client of somebody in this practice."""
        return self.harness.as_(role, self.practice_id, subject)

    def published(self, type_: str) -> list[Event]:
        """What the service published for this practice."""
        return [event for event in self.harness.published(type_) if event.practice_id == self.practice_id]

    def therapist(self, id_: str, **changes: Any) -> dict[str, Any]:
        """A therapist who does everything everywhere in Massachusetts."""
        licence = {"state": "MA", "number": "MT-1", "valid_from": "2026-01-01", "valid_until": "2027-12-31"}
        body = {
            "id": id_,
            "name": f"Therapist {id_}",
            "phone": "+16175550142",
            "email": f"{id_}@example.org",
            "home": HOME,
            "time_zone": ZONE,
            "licences": [licence],
            "service_types": ["massage-60", "evaluation-60"],
            "settings": ["clinic", "mobile"],
            **changes,
        }
        return self.made("post", "/v1/therapists", body)

    def shift(
        self, therapist_id: str = "alma", day: str = MONDAY, begin: str = "09:00", end: str = "17:00", **more: Any
    ) -> dict[str, Any]:
        """A shift, mobile unless a location is named."""
        body = {"local_start": f"{day}T{begin}", "local_end": f"{day}T{end}", "time_zone": ZONE, **more}
        return self.made("post", f"/v1/therapists/{therapist_id}/shifts", body)

    def deliver(self, type_: str, data: dict[str, Any], **options: Any) -> None:
        """An event of another service takes effect."""
        self.harness.deliver(type_, data, self.practice_id, **options)

    def patient(self, id_: str = "patient-1", *, cleared: bool = True, **changes: Any) -> str:
        """A registered patient, by default cleared for treatment at home, too."""
        data = {
            "patient_id": id_,
            "version": 1,
            "given_name": "Ada",
            "family_name": "Sample-01",
            "birth_date": date(1980, 5, 17),
            "phone": "+16175550101",
            "email": "ada.sample-01@example.org",
            "address": address(),
            "time_zone": ZONE,
            "contact_consent": {"sms": True, "email": True},
            "door_notes": "Ring twice",
            **changes,
        }
        self.deliver("patient.registered", data)
        if cleared:
            self.clearance(id_)
        return id_

    def clearance(self, patient_id: str, version: int = 1, **changes: Any) -> None:
        """A verdict of records-svc."""
        data = {
            "patient_id": patient_id,
            "version": version,
            "verdict": "cleared",
            "evaluation_id": "evaluation-1",
            "reasons": [],
            "home_visits": True,
            "effective_at": self.harness.clock.now(),
            **changes,
        }
        self.deliver("clearance.changed", data, sequence=version)

    def claim(self, patient_id: str, claim_id: str = "claim-1", visits: int = 6, version: int = 1, **more: Any) -> str:
        """A claim that allows visits in the first half of the year."""
        data = {
            "claim_id": claim_id,
            "version": version,
            "prescription_id": "prescription-1",
            "patient_id": patient_id,
            "visits_authorised": visits,
            "starts_on": date(2027, 1, 1),
            "expires_on": date(2027, 6, 30),
            "home_visits": True,
            **more,
        }
        self.deliver("prescription.activated", data, sequence=version)
        return claim_id

    def signed(self, appointment: dict[str, Any], session_id: str = "session-1") -> None:
        """The note of a visit was signed."""
        visit = {name: appointment[name] for name in ("patient_id", "therapist_id", "claim_id", "setting")}
        data = {
            **visit,
            "session_id": session_id,
            "version": 1,
            "appointment_id": appointment["id"],
            "service_type": appointment["service_type"],
            "condition_codes": ["M54.2"],
            "started_at": self.harness.clock.now(),
            "ended_at": self.harness.clock.now(),
            "signed_at": self.harness.clock.now(),
            "treated_minutes": 55,
            "measures": [],
        }
        self.deliver("session.completed", data)

    def wish(self, patient_id: str = "patient-1", day: str = MONDAY, **changes: Any) -> dict[str, Any]:
        """A wish for a mobile massage on a day."""
        return {
            "patient_id": patient_id,
            "service_type": "massage-60",
            "setting": "mobile",
            "from": f"{day}T00:00:00-05:00",
            "to": f"{day}T23:59:00-05:00",
            **changes,
        }

    def offers(self, patient_id: str = "patient-1", day: str = MONDAY, **changes: Any) -> list[dict[str, Any]]:
        """Offers for a mobile massage on a day."""
        return list(self.made("post", "/v1/offers", self.wish(patient_id, day, **changes), 200)["items"])

    def slot(self, patient_id: str = "patient-1", at: str = f"{MONDAY}T10:00", **changes: Any) -> dict[str, Any]:
        """A mobile massage by alma at a wall time."""
        return {
            "patient_id": patient_id,
            "service_type": "massage-60",
            "setting": "mobile",
            "therapist_id": "alma",
            "local_start": at,
            "time_zone": ZONE,
            **changes,
        }

    def hold(self, *args: Any, status: int = 201, **changes: Any) -> dict[str, Any]:
        """A hold on a slot."""
        return self.made("post", "/v1/holds", self.slot(*args, **changes), status)

    def book(self, *args: Any, **changes: Any) -> dict[str, Any]:
        """An appointment, by way of a hold."""
        return self.made("post", "/v1/appointments", {"hold_id": self.hold(*args, **changes)["id"]})

    def refusal(self, path: str, body: Any, status: int = 409) -> str:
        """The code of the problem with which a POST is refused."""
        answer = self.desk.post(path, body)
        assert answer.status_code == status, answer.json
        assert answer.mimetype == "application/problem+json"
        return str(answer.json["code"])

    def appointment(self, id_: str) -> dict[str, Any]:
        """An appointment as it is now."""
        return dict(self.desk.get(f"/v1/appointments/{id_}").json)

    def budget(self, claim_id: str = "claim-1") -> tuple[int, int, int]:
        """Authorised, reserved, consumed."""
        shown = self.desk.get(f"/v1/claims/{claim_id}/budget").json
        assert shown["remaining"] == shown["authorised"] - shown["reserved"] - shown["consumed"]
        return shown["authorised"], shown["reserved"], shown["consumed"]


@pytest.fixture(scope="module")
def harness(mongodb_uri: str) -> Iterator[Harness]:
    """One database for the tests of a module: each has a practice of its own, and practices never see each other."""
    made = Harness(SERVICE, mongodb_uri)
    yield made
    made.close()


@pytest.fixture
def practice(harness: Harness) -> Practice:
    harness.clock.advance(NOW - harness.clock.now())
    return Practice(harness, f"practice-{next(_numbers)}")


@pytest.fixture
def elsewhere(harness: Harness) -> Client:
    return harness.as_("admin", f"elsewhere-{next(_numbers)}", subject="stranger")
