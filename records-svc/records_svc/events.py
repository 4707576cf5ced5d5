"""What this service publishes and consumes, at a glance."""

from __future__ import annotations

from collections.abc import Mapping

from fascia.backbone.dispatch import Handler
from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from records_svc.notes.handlers import keep_visit
from records_svc.prescription.handlers import release, reserve
from records_svc.progress.handlers import keep_report

PUBLISHES = (
    "patient.registered",
    "patient.updated",
    "clearance.changed",
    "evaluation.signed",
    "prescription.activated",
    "prescription.revoked",
    "session.completed",
    "session.amended",
)


def _each(*handlers: Handler) -> Handler:
    def handle(uow: UnitOfWork, event: Event) -> None:
        for handler in handlers:
            handler(uow, event)

    return handle


HANDLERS: Mapping[str, Handler] = {
    "appointment.booked": _each(keep_visit, reserve),
    "appointment.moved": _each(keep_visit, reserve),
    "appointment.progressed": _each(keep_visit, reserve),
    "appointment.completed": _each(keep_visit, reserve),
    "appointment.cancelled": _each(keep_visit, release),
    "progress.reported": keep_report,
}
# Every handler keeps a projection that is guarded by a version or a sequence, so all of them may be replayed.
PROJECTIONS = tuple(HANDLERS)
