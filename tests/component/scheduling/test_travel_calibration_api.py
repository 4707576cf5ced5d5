"""A practice calibrates its drive times: shown first, applied by a manager, and then used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = datetime(2027, 1, 18, 14, tzinfo=UTC)
NORTH = {"latitude": 42.4101, "longitude": -71.0589}  # 5.6 km from alma's home


def drive(practice: Any, day: int, minutes: int, number: int) -> None:
    """A mobile visit on the day-th working day, to which alma drove for so many minutes."""
    starts = MONDAY + timedelta(days=day)
    wall = starts.strftime("%Y-%m-%d")
    practice.shift(day=wall)
    address = {"line": "1 Sample Street", "city": "Medford", "state": "MA", "postal_code": "02155", "country": "US"}
    patient = practice.patient(f"patient-{number}", address={**address, "coordinates": NORTH})
    booked = practice.book(patient, f"{wall}T10:00")
    practice.harness.clock.advance(starts - practice.harness.clock.now())
    alma = practice.as_("therapist", "alma")
    for status in ("en_route", "arrived"):
        answer = alma.post(f"/v1/appointments/{booked['id']}/progress", {"status": status})
        assert answer.status_code == 200, answer.json
        practice.harness.clock.advance(timedelta(minutes=minutes))


@pytest.fixture
def driven(practice: Any) -> Any:
    """Thirty working days with a drive of 24 minutes each, which the settings take for 17."""
    for number, day in enumerate(day for day in range(42) if day % 7 < 5):
        drive(practice, day, 24, number)
    return practice


def test_a_proposal_is_shown_applied_and_used(driven: Any) -> None:
    practice = driven
    before = practice.desk.get("/v1/travel").json
    assert (before["source"], before["calibrated"], before["calibration"]) == ("estimate", False, None)

    proposed = practice.made("post", "/v1/travel/calibrations", {})
    assert proposed["estimate"]["drives"] == 30
    assert proposed["estimate"]["before"]["mean"] > 5
    assert proposed["estimate"]["after"]["mean"] < 2.5
    assert (proposed["roads"], proposed["applied_at"], proposed["doubts"]) == (None, None, {})
    assert practice.desk.get("/v1/travel").json["settings"] == before["settings"], "shown, not applied"

    path = f"/v1/travel/calibrations/{proposed['id']}/application"
    version = practice.desk.get("/v1/practice").headers["ETag"]
    applied = practice.desk.post(path, headers={"If-Match": version})
    assert applied.status_code == 201, applied.json
    after = practice.desk.get("/v1/travel").json
    assert (after["calibrated"], after["settings"]) == (True, proposed["proposed"])
    assert after["calibration"]["id"] == proposed["id"]
    assert practice.desk.get("/v1/practice").headers["ETag"] == applied.headers["ETag"]

    again = practice.desk.post(path, headers={"If-Match": applied.headers["ETag"]})
    assert (again.status_code, again.json["code"]) == (409, "already-applied")
    next_week = (MONDAY + timedelta(days=49)).strftime("%Y-%m-%d")
    practice.shift(day=next_week)
    hold = practice.hold("patient-1", f"{next_week}T10:00")
    assert hold["drive_minutes"] == pytest.approx(24, abs=3)


def test_settings_that_changed_meanwhile_are_not_overwritten(driven: Any) -> None:
    practice = driven
    proposed = practice.made("post", "/v1/travel/calibrations", {})
    current = practice.desk.get("/v1/practice")
    body = {name: value for name, value in current.json.items() if name != "version"}
    practice.desk.put(
        "/v1/practice",
        {**body, "circuity": 1.3, "drive_overhead_minutes": 4},
        headers={"If-Match": current.headers["ETag"]},
    )
    path = f"/v1/travel/calibrations/{proposed['id']}/application"
    stale = practice.desk.post(path, headers={"If-Match": current.headers["ETag"]})
    assert stale.status_code == 412
    fresh = practice.desk.get("/v1/practice").headers["ETag"]
    outdated = practice.desk.post(path, headers={"If-Match": fresh})
    assert (outdated.status_code, outdated.json["code"]) == (409, "calibration-outdated")
    assert practice.desk.get("/v1/travel").json["settings"]["drive_overhead_minutes"] == 4


def test_bad_input_is_answered(practice: Any) -> None:
    assert practice.refusal("/v1/travel/calibrations", {}) == "too-few-drives"
    backwards = {"from": "2027-01-02", "to": "2027-01-01"}
    assert practice.refusal("/v1/travel/calibrations", backwards, 422) == "span-is-empty"
    too_long = {"from": "2025-01-01", "to": "2027-01-01"}
    assert practice.refusal("/v1/travel/calibrations", too_long, 422) == "span-too-long"
    assert practice.desk.post("/v1/travel/calibrations/none/application").status_code == 428
    unknown = practice.desk.post("/v1/travel/calibrations/none/application", headers={"If-Match": '"1"'})
    assert unknown.status_code == 404
    assert practice.desk.get("/v1/travel/calibrations/none").status_code == 404


def test_who_may(practice: Any, elsewhere: Any) -> None:
    alma = practice.as_("therapist", "alma")
    assert alma.get("/v1/travel").status_code == 200
    assert alma.post("/v1/travel/calibrations").status_code == 403
    assert elsewhere.get("/v1/travel").status_code == 409, "no settings yet"
    assert elsewhere.get("/v1/travel/calibrations").json["items"] == []


def test_hours_come_by_day_or_by_week(practice: Any) -> None:
    current = practice.desk.get("/v1/practice")
    body = {name: value for name, value in current.json.items() if name != "version"}
    match = {"If-Match": current.headers["ETag"]}
    odd = practice.desk.put("/v1/practice", {**body, "kmh_by_hour": [30] * 25}, headers=match)
    assert odd.status_code == 422
    assert "168" in str(odd.json["errors"])
    weekly = practice.desk.put("/v1/practice", {**body, "kmh_by_hour": [30] * 168}, headers=match)
    assert weekly.status_code == 200
