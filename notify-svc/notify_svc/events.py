"""What notify-svc publishes and consumes, at a glance."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from notify_svc.alerts import handlers as alerts
from notify_svc.contacts import handlers as contacts
from notify_svc.dispatch import handlers as dispatch
from notify_svc.messages import handlers as messages
from notify_svc.therapists import handlers as therapists
from notify_svc.visits import handlers as visits

PUBLISHES = ("message.sent", "message.delivered", "message.failed", "contact.opted_out", "reply.received")


def _on_route(uow: UnitOfWork, event: Event) -> None:
    therapists.keep_from_route(uow, event)
    messages.route(uow, event)


HANDLERS = {
    **contacts.HANDLERS,
    **therapists.HANDLERS,
    **visits.HANDLERS,
    **dispatch.HANDLERS,
    **messages.HANDLERS,
    **alerts.HANDLERS,
    "route.published": _on_route,
}

# These keep a projection and cause no message, so they may be replayed.
PROJECTIONS = (*contacts.HANDLERS, *therapists.HANDLERS)
