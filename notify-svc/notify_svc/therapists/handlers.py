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


HANDLERS = {"therapist.updated": keep_therapist}
