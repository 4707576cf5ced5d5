"""A records-svc under test, and the steps that most of its tests begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fascia.testing.harness import Client, Harness
from records_svc.service import SERVICE

THERAPIST = "therapist-1"
SOAP = {
    "subjective": "Neck pain since Monday, secret-word-in-the-note",
    "objective": "Rotation limited to the left",
    "assessment": "Myofascial neck pain",
    "plan": "Weekly for six weeks",
}


class Practice:
    """A practice that works with the service: its people and its usual steps."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.desk: Client = harness.as_("admin", subject="clerk-1")
        self.therapist: Client = harness.as_("therapist", subject=THERAPIST)
        self.flags = [rule["code"] for rule in self.desk.get("/v1/red-flags").json["items"]]

    def patient(self, **changes: Any) -> dict[str, Any]:
        """A registered patient."""
        body = {
            "given_name": "Ada",
            "family_name": "Sample-01",
            "birth_date": "1980-05-17",
            "phone": "617-555-0101",
            "email": "ada.sample-01@example.org",
            "address": {
                "line": "1 Sample Street",
                "city": "Cambridge",
                "state": "MA",
                "postal_code": "02139",
                "country": "US",
                "coordinates": {"latitude": 42.3736, "longitude": -71.1097},
            },
            "time_zone": "America/New_York",
            "contact_consent": {"sms": True, "email": True},
            "door_notes": "Ring twice",
            **changes,
        }
        answer = self.desk.post("/v1/patients", body)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    def intake(self, patient_id: str, *raised: str, **more: Any) -> Any:
        """The answer to an intake that raises these flags."""
        body = {
            "answers": {code: code in raised for code in self.flags},
            "consents": {"treatment": True},
            "signed_by": "Ada Sample-01",
            **more,
        }
        return self.desk.post(f"/v1/patients/{patient_id}/intakes", body)

    def draft(self, patient_id: str, **changes: Any) -> Any:
        """The answer to a drafted evaluation."""
        body = {"therapist_id": THERAPIST, "condition_codes": ["M54.2"], "result": "cleared", **changes}
        return self.therapist.post(f"/v1/patients/{patient_id}/evaluations", body)

    def sign(self, path: str, version: int, client: Client | None = None) -> Any:
        """The answer to a signature."""
        return (client or self.therapist).post(f"{path}/signature", headers={"If-Match": f'"{version}"'})

    def cleared_patient(self) -> dict[str, Any]:
        """A patient with a signed intake and evaluation."""
        patient = self.patient()
        assert self.intake(patient["id"]).status_code == 201
        drafted = self.draft(patient["id"], home_visits=True).json
        assert self.sign(f"/v1/evaluations/{drafted['id']}", 1).status_code == 200
        return patient

    def claim(self, patient_id: str, visits: int = 6, **changes: Any) -> dict[str, Any]:
        """A verified prescription."""
        body = {
            "prescriber": {"name": "Dr. Sample", "npi": "1234567893"},
            "visits": visits,
            "starts_on": "2027-01-01",
            "expires_on": "2027-06-30",
            "home_visits": True,
            "condition_codes": ["M54.2"],
            **changes,
        }
        received = self.desk.post(f"/v1/patients/{patient_id}/prescriptions", body)
        assert received.status_code == 201, received.json
        path = f"/v1/prescriptions/{received.json['id']}/verification"
        verified = self.desk.post(path, headers={"If-Match": '"1"'})
        assert verified.status_code == 200, verified.json
        return dict(verified.json)

    def appointment(self, patient_id: str, claim_id: str | None, name: str = "appointment-1") -> dict[str, Any]:
        """What appointment.* says of a visit of an hour."""
        return {
            "appointment_id": name,
            "version": 1,
            "calendar_sequence": 0,
            "patient_id": patient_id,
            "therapist_id": THERAPIST,
            "claim_id": claim_id,
            "service_type": "massage_60",
            "setting": "mobile",
            "location_id": None,
            "starts_at": self.harness.clock.now(),
            "ends_at": self.harness.clock.now().replace(hour=15),
            "time_zone": "America/New_York",
            "local_start": "2027-01-11T09:00",
        }

    def completed(self, appointment: dict[str, Any]) -> None:
        """Book and complete a visit."""
        self.harness.deliver("appointment.booked", appointment, sequence=1)
        times = {"started_at": appointment["starts_at"], "ended_at": appointment["ends_at"]}
        self.harness.deliver("appointment.completed", {**appointment, "version": 2, **times}, sequence=2)

    def note(self, appointment_id: str, **changes: Any) -> Any:
        """The answer to a drafted note."""
        body = {
            "appointment_id": appointment_id,
            "soap": SOAP,
            "techniques": ["myofascial_release"],
            "areas": ["neck"],
            "treated_minutes": 45,
            "measures": [{"instrument": "NPRS", "answers": {"pain": 6}}],
            **changes,
        }
        return self.therapist.post("/v1/notes", body)


@pytest.fixture
def practice(harness_of: Callable[..., Harness]) -> Practice:
    return Practice(harness_of(SERVICE))
