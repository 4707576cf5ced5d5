"""route.published: keep how long a therapist drives on a day."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.pay.store import put_driven_day
from outcomes_svc.pay.work import DrivenDay


def on_route(uow: UnitOfWork, event: Event) -> None:
    """The newest revision counts. Of the day nothing is kept but the minutes: no name, no address."""
    data = event.data
    minutes = sum(stop["drive_minutes"] for stop in data["stops"])
    put_driven_day(uow, data["therapist_id"], DrivenDay(date=data["date"], revision=data["revision"], minutes=minutes))


HANDLERS = {"route.published": on_route}
