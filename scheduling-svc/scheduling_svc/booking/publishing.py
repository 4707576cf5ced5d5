"""Publishing a day: the therapist is told the route, and patients the times that are no longer as they were told."""

from __future__ import annotations

from datetime import date

from fascia.store import UnitOfWork
from scheduling_svc.booking.retelling import retell
from scheduling_svc.routing import days
from scheduling_svc.routing.route import Route
from scheduling_svc.workforce import store as workforce


def publish_day(uow: UnitOfWork, therapist_id: str, on: date) -> Route:
    """Tell a day as it is. Raises NotFound, or Conflict where there is nothing to tell."""
    route = days.publish_day(uow, therapist_id, on)
    day = days.find_day(uow, therapist_id, on)
    retell(uow, [day], [day], workforce.directory(uow).practice.tell_moves_minutes)
    return route
