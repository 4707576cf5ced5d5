"""A slot as a caller sends it: an offer given back, or written by hand. What it repeats must be true."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fascia.localtime import resolve, wall
from fascia.problem import RuleViolation
from scheduling_svc.booking.visit import VisitRequest


def request_of(slot: dict[str, Any]) -> VisitRequest:
    """The visit that a slot asks for. Raises RuleViolation where its times contradict one another."""
    return VisitRequest(
        patient_id=slot["patient_id"],
        service_type=slot["service_type"],
        setting=slot["setting"],
        therapist_id=slot["therapist_id"],
        starts_at=_starts_at(slot),
        claim_id=slot["claim_id"],
        location_id=slot["location_id"],
        room_id=slot["room_id"],
    )


def _starts_at(slot: dict[str, Any]) -> datetime:
    starts_at, local_start, zone = slot["starts_at"], slot["local_start"], slot["time_zone"]
    if starts_at is None:
        starts_at = resolve(local_start, zone, "local_start")
    elif local_start is not None and wall(starts_at, zone) != local_start:
        raise RuleViolation(
            "times-differ",
            f"At starts_at the clocks in {zone} show {wall(starts_at, zone)}.",
            "local_start",
            "Send one of both, or make them agree.",
        )
    if starts_at.second or starts_at.microsecond:
        raise RuleViolation("not-a-full-minute", "Visits begin at full minutes.", "starts_at", "Leave the seconds out.")
    return starts_at  # type: ignore[no-any-return]
