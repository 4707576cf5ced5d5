"""A slot as a caller sends it: an offer given back, or written by hand. What it repeats must be true."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fascia.localtime import resolve, wall
from fascia.problem import RuleViolation
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.routing.promise import Promise


def request_of(slot: dict[str, Any]) -> VisitRequest:
    """The visit that a slot asks for. Raises RuleViolation where its times contradict one another."""
    starts_at = _starts_at(slot)
    return VisitRequest(
        patient_id=slot["patient_id"],
        service_type=slot["service_type"],
        setting=slot["setting"],
        therapist_id=slot["therapist_id"],
        starts_at=starts_at,
        claim_id=slot["claim_id"],
        location_id=slot["location_id"],
        room_id=slot["room_id"],
        skills=tuple(slot["skills"]),
        promise=_promise(slot, starts_at),
        asked_for=slot["asked_for"],
    )


def _promise(slot: dict[str, Any], starts_at: datetime) -> Promise | None:
    """The window that a slot names; None for an exact time."""
    promise = Promise(slot["promised_from"] or starts_at, slot["promised_until"] or starts_at)
    if promise.is_exact and promise.keeps(starts_at):
        return None
    if not promise.keeps(starts_at):
        raise RuleViolation(
            "starts-outside-promise",
            "The visit would not begin inside the window that is promised.",
            "promised_from",
            "Send a window around starts_at, or leave promised_from and promised_until out.",
        )
    return promise


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
