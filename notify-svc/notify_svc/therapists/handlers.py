"""therapist.updated: keep how a therapist is reached."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from notify_svc.therapists.store import Therapists
from notify_svc.therapists.therapist import Therapist


def keep_therapist(uow: UnitOfWork, event: Event) -> None:
    """Project a therapist's new state; an older one changes nothing."""
    data, therapists = event.data, Therapists(uow)
    known = therapists.find(data["therapist_id"])
    if known is not None and data["version"] <= known.version:
        return
    therapist = Therapist(
        id=data["therapist_id"],
        version=data["version"],
        name=data["name"],
        phone=data["phone"],
        email=data["email"],
        time_zone=data["time_zone"],
        active=data["active"],
    )
    therapists.put(therapist, known)


def keep_from_route(uow: UnitOfWork, event: Event) -> None:
    """A published day says how its therapist is reached: enough until scheduling-svc tells of them itself."""
    data, therapists = event.data, Therapists(uow)
    if therapists.find(data["therapist_id"]) is None:
        told = Therapist(
            id=data["therapist_id"], version=0, time_zone=data["time_zone"], active=True, **data["therapist"]
        )
        therapists.put(told, None)


HANDLERS = {"therapist.updated": keep_therapist}
