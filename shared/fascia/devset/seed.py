"""Fills the demo practice over the public REST APIs. What is there already is left as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from fascia.devset.cast import Cast
from fascia.devset.rest import Rest, RestError
from fascia.web.principal import Role

Told = Callable[[str, int, int], None]

# Persons last: what belongs to somebody needs that somebody first.
_RESOURCES = ("Organization", "Practitioner", "Patient", "Condition", "MedicationRequest", "AllergyIntolerance")
_CHUNK_LINES = 100
_DAYS_AHEAD = 14
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def seed(cast: Cast, told: Told = lambda what, done, total: None) -> dict[str, int]:
    """Make what is missing; returns how many of each were made."""
    folder = resources.files("fascia.devset") / "demo_practice"
    workforce = json.loads((folder / "workforce.json").read_text(encoding="utf-8"))
    scheduling = cast.at("scheduling", Role.OWNER)
    made = {"settings": _practice(scheduling, workforce["practice"]) + _messaging(cast) + _escalation(cast)}
    for name, path, key in (
        ("locations", "/v1/locations", "id"),
        ("rooms", "/v1/rooms", "id"),
        ("service_types", "/v1/service-types", "code"),
        ("therapists", "/v1/therapists", "id"),
    ):
        made[name] = _missing(scheduling, path, key, workforce[name], partial(told, name))
    made["shifts"] = _shifts(scheduling, workforce["weekly_shifts"], partial(told, "shifts"))
    made["records"] = _records(cast.at("records", Role.OWNER), folder, told)
    return {name: count for name, count in made.items() if count}


def _practice(scheduling: Rest, wanted: dict[str, Any]) -> int:
    try:
        scheduling.get("/v1/practice")
    except RestError as error:
        if error.status not in (404, 409):
            raise
        scheduling.put("/v1/practice", wanted)
        return 1
    return 0


def _messaging(cast: Cast) -> int:
    notify = cast.at("notify", Role.OWNER)
    present = notify.get("/v1/messaging-policy")
    # Version 1 is what applies until somebody says otherwise; the demo must also answer at night.
    if present.body["version"] != 1:
        return 0
    policy = {name: value for name, value in present.body.items() if name != "version"}
    notify.put("/v1/messaging-policy", policy | {"quiet_hours": None}, etag=present.etag)
    return 1


def _escalation(cast: Cast) -> int:
    """Whom the demo practice tells of an alert that nobody acknowledged; what they are told is at the catcher."""
    notify = cast.at("notify", Role.OWNER)
    present = notify.get("/v1/escalation-contact")
    if present.body["version"] != 1:
        return 0
    contact = {"name": "Sample On-Call", "phone": "+16175550198", "email": "on.call@example.org"}
    notify.put("/v1/escalation-contact", contact, etag=present.etag)
    return 1


def _missing(rest: Rest, path: str, key: str, wanted: list[dict[str, Any]], told: Callable[[int, int], None]) -> int:
    present = {one[key] for one in rest.every(path)}
    missing = [one for one in wanted if one[key] not in present]
    for done, one in enumerate(missing, 1):
        rest.post(path, one)
        told(done, len(missing))
    return len(missing)


def _shifts(scheduling: Rest, weekly: list[dict[str, Any]], told: Callable[[int, int], None]) -> int:
    present = {
        (therapist_id, shift["local_start"])
        for therapist_id in {rule["therapist_id"] for rule in weekly}
        for shift in scheduling.get(f"/v1/therapists/{therapist_id}/shifts").body
    }
    wanted = _calendar(weekly, datetime.now(UTC).date())
    missing = [
        (therapist_id, shift) for therapist_id, shift in wanted if (therapist_id, shift["local_start"]) not in present
    ]
    for done, (therapist_id, shift) in enumerate(missing, 1):
        scheduling.post(f"/v1/therapists/{therapist_id}/shifts", shift)
        told(done, len(missing))
    return len(missing)


def _calendar(weekly: list[dict[str, Any]], today: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """The shifts of the coming days, from a weekly rule in wall time."""
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        for rule in weekly:
            if _WEEKDAYS[day.weekday()] in rule["weekdays"]:
                yield (
                    rule["therapist_id"],
                    {
                        "local_start": f"{day}T{rule['start']}",
                        "local_end": f"{day}T{rule['end']}",
                        "location_id": rule["location_id"],
                    },
                )


def _records(records: Rest, folder: Traversable, told: Told) -> int:
    made = 0
    for kind in _RESOURCES:
        path = folder / f"{kind}.ndjson"
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        for first in range(0, len(lines), _CHUNK_LINES):
            chunk = b"".join(lines[first : first + _CHUNK_LINES])
            answer = records.send(f"/v1/imports/fhir?first_line={first + 1}", chunk, "application/fhir+ndjson")
            made += answer.body["counts"]["created"]
            told(kind, min(first + _CHUNK_LINES, len(lines)), len(lines))
    return made
