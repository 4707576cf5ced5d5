"""The link with which a therapist opens a day on a phone, without an account.

It carries ids alone (therapist and day) and lives until some hours after the day. It does not name a revision: the page
shows the latest one, so a link that was sent with an earlier revision never leads to an outdated order of stops.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fascia.links import ROUTE, Link, sign_link
from fascia.localtime import zone_of
from fascia.problem import Forbidden
from fascia.store import UnitOfWork
from scheduling_svc.settings import scheduling_settings
from scheduling_svc.workforce.practice import Practice


@dataclass(frozen=True)
class PageLink:
    """Where the page is, and until when the link opens it."""

    url: str
    expires_at: datetime


def page_link(uow: UnitOfWork, practice: Practice, therapist_id: str, on: date, time_zone: str) -> PageLink:
    """A fresh link to a therapist's page of a day."""
    expires_at = link_end(on, time_zone, practice.route_link_hours)
    token = sign_link(uow.keyring, ROUTE, f"{therapist_id}:{on.isoformat()}", uow.practice_id, expires_at)
    return PageLink(f"{scheduling_settings(uow.settings).public_url.rstrip('/')}/r/{token}", expires_at)


def link_end(on: date, time_zone: str, hours_after: int) -> datetime:
    """When a link ends: hours after the local midnight that ends the day, whatever its clocks do in the meantime."""
    midnight = datetime.combine(on + timedelta(days=1), time(), tzinfo=zone_of(time_zone))
    return midnight.astimezone(UTC) + timedelta(hours=hours_after)


def linked_day(link: Link) -> tuple[str, date]:
    """Whose day a genuine link opens; raises Forbidden for a subject of another shape."""
    therapist_id, _, day = link.subject.rpartition(":")
    try:
        return therapist_id, date.fromisoformat(day)
    except ValueError:
        raise Forbidden("link-invalid", "This link does not name a day.") from None
