"""What this service publishes and consumes, at a glance."""

from __future__ import annotations

from collections.abc import Mapping

from fascia.backbone.dispatch import Handler
from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from scheduling_svc.booking.handlers import confirm, keep_session
from scheduling_svc.budget.handlers import allow, consume, revoke
from scheduling_svc.patients.handlers import keep_clearance, keep_profile

PUBLISHES = (
    "appointment.booked",
    "appointment.moved",
    "appointment.progressed",
    "appointment.completed",
    "appointment.cancelled",
    "route.published",
    "route.promise_at_risk",
    "visit.eta_changed",
    "therapist.updated",
    "visit.given_up",
)


def _each(*handlers: Handler) -> Handler:
    def handle(uow: UnitOfWork, event: Event) -> None:
        for handler in handlers:
            handler(uow, event)

    return handle


HANDLERS: Mapping[str, Handler] = {
    "patient.registered": keep_profile,
    "patient.updated": keep_profile,
    "clearance.changed": keep_clearance,
    "prescription.activated": allow,
    "prescription.revoked": revoke,
    "session.completed": _each(consume, keep_session),
    "reply.received": confirm,
}
# Each is guarded by a version or by what is there already; a replay does not judge bookings by verdicts of the past.
PROJECTIONS = (
    "patient.registered",
    "patient.updated",
    "clearance.changed",
    "prescription.activated",
    "prescription.revoked",
    "session.completed",
)
