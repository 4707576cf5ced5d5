"""Where holds and appointments are kept, one document each. An appointment made from a hold has the hold's id."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from fascia.problem import NotFound
from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from scheduling_svc.booking.appointment import Appointment, Change, Reason, Status
from scheduling_svc.booking.hold import Hold, HoldState
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.routing.promise import Promise
from scheduling_svc.workforce.place import MOBILE

INDEXES = (
    Index("holds", (("practice_id", 1), ("state", 1), ("expires_at", 1))),
    Index("appointments", (("practice_id", 1), ("_id", 1))),
    Index("appointments", (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index("appointments", (("practice_id", 1), ("therapist_id", 1), ("date", 1), ("_id", 1))),
    Index("appointments", (("practice_id", 1), ("date", 1), ("_id", 1))),
)


def get_hold(uow: UnitOfWork, hold_id: str) -> Hold:
    """Raises NotFound."""
    found = uow.collection("holds").find_one({"_id": hold_id})
    if found is None:
        raise NotFound("hold", hold_id)
    return _hold(found)


def find_holds(uow: UnitOfWork, hold_ids: Iterable[str]) -> list[Hold]:
    """Those of several ids that are holds."""
    return [_hold(document) for document in uow.collection("holds").find({"_id": {"$in": sorted(hold_ids)}})]


def holds_page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[Hold], str | None]:
    """Holds, oldest first."""
    documents, next_cursor = find_page(uow.collection("holds"), {}, query)
    return [_hold(document) for document in documents], next_cursor


def overdue_holds(uow: UnitOfWork, limit: int) -> list[str]:
    """Ids of active holds that ran out."""
    due = {"state": HoldState.ACTIVE.value, "expires_at": {"$lte": uow.now}}
    return [str(document["_id"]) for document in uow.collection("holds").find(due, limit=limit, projection={"_id": 1})]


def save_hold(uow: UnitOfWork, hold: Hold) -> Hold:
    """Write a hold; raises StaleVersion. Returns it as it is now stored."""
    document = {
        "_id": hold.id,
        **_from_visit(hold.visit),
        "ends_at": hold.ends_at,
        "date": hold.date.isoformat(),
        "time_zone": hold.time_zone,
        "expires_at": hold.expires_at,
        "drive_minutes": hold.drive_minutes,
        "added_drive_minutes": hold.added_drive_minutes,
        "state": hold.state.value,
    }
    _save(uow, "holds", document, hold.version)
    return _hold({**document, "version": hold.version + 1})


def get_appointment(uow: UnitOfWork, appointment_id: str) -> Appointment:
    """Raises NotFound."""
    found = uow.collection("appointments").find_one({"_id": appointment_id})
    if found is None:
        raise NotFound("appointment", appointment_id)
    return _appointment(found)


def find_appointments(uow: UnitOfWork, appointment_ids: Iterable[str]) -> list[Appointment]:
    """Those of several ids that are appointments."""
    found = uow.collection("appointments").find({"_id": {"$in": sorted(appointment_ids)}})
    return [_appointment(document) for document in found]


def driven_between(uow: UnitOfWork, first: date, last: date) -> list[Appointment]:
    """Visits of some days, both included, to which somebody set out."""
    wanted = {
        "date": {"$gte": first.isoformat(), "$lte": last.isoformat()},
        "setting": MOBILE,
        "history.status": Status.EN_ROUTE.value,
    }
    return [_appointment(document) for document in uow.collection("appointments").find(wanted)]


def appointments_page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[Appointment], str | None]:
    """Appointments in the order in which they were made, filtered by what the query names."""
    wanted: Document = {name: query[name] for name in ("patient_id", "therapist_id", "claim_id") if query.get(name)}
    if query.get("date"):
        wanted["date"] = query["date"].isoformat()
    if query.get("status"):
        wanted["status"] = query["status"].value
    documents, next_cursor = find_page(uow.collection("appointments"), wanted, query)
    return [_appointment(document) for document in documents], next_cursor


def save_appointment(uow: UnitOfWork, appointment: Appointment) -> Appointment:
    """Write an appointment; raises StaleVersion. Returns it as it is now stored."""
    reason = appointment.cancelled_because
    document = {
        "_id": appointment.id,
        **_from_visit(appointment.visit),
        "ends_at": appointment.ends_at,
        "date": appointment.date.isoformat(),
        "time_zone": appointment.time_zone,
        "status": appointment.status.value,
        "treatment": appointment.treatment,
        "calendar_sequence": appointment.calendar_sequence,
        "history": [{"status": change.status.value, "at": change.at} for change in appointment.history],
        "cancelled_because": reason.value if reason else None,
        "late": appointment.late,
        "session_id": appointment.session_id,
    }
    _save(uow, "appointments", document, appointment.version)
    return _appointment({**document, "version": appointment.version + 1})


def _save(uow: UnitOfWork, name: str, document: Document, version: int) -> None:
    numbered = {**document, "version": version + 1}
    if version == 0:
        uow.collection(name).insert_one(numbered)
    else:
        uow.collection(name).replace(numbered, expected_version=version)


def _hold(document: Document) -> Hold:
    return Hold(
        id=document["_id"],
        visit=_visit(document),
        ends_at=document["ends_at"],
        date=date.fromisoformat(document["date"]),
        time_zone=document["time_zone"],
        expires_at=document["expires_at"],
        drive_minutes=document["drive_minutes"],
        added_drive_minutes=document["added_drive_minutes"],
        state=HoldState(document["state"]),
        version=document["version"],
    )


def _appointment(document: Document) -> Appointment:
    reason = document["cancelled_because"]
    return Appointment(
        id=document["_id"],
        visit=_visit(document),
        ends_at=document["ends_at"],
        date=date.fromisoformat(document["date"]),
        time_zone=document["time_zone"],
        status=Status(document["status"]),
        treatment=document["treatment"],
        calendar_sequence=document["calendar_sequence"],
        history=tuple(Change(Status(change["status"]), change["at"]) for change in document["history"]),
        cancelled_because=Reason(reason) if reason else None,
        late=document["late"],
        session_id=document["session_id"],
        version=document["version"],
    )


def _from_visit(visit: VisitRequest) -> Document:
    promise = [visit.promise.earliest, visit.promise.latest] if visit.promise else None
    return {**vars(visit), "skills": list(visit.skills), "promise": promise}


def _visit(document: Document) -> VisitRequest:
    starts_at: datetime = document["starts_at"]
    promise = document.get("promise")
    return VisitRequest(
        patient_id=document["patient_id"],
        service_type=document["service_type"],
        setting=document["setting"],
        therapist_id=document["therapist_id"],
        starts_at=starts_at,
        claim_id=document["claim_id"],
        location_id=document["location_id"],
        room_id=document["room_id"],
        skills=tuple(document.get("skills", ())),
        promise=Promise(*promise) if promise else None,
        asked_for=document.get("asked_for", False),
        partner_id=document.get("partner_id"),
    )
