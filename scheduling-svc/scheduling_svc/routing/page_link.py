"""The link with which a therapist opens a day on a phone, without an account.

It carries ids alone (therapist and day) and lives until some hours after the day. It does not name a revision: the page
shows the latest one, so a link that was sent with an earlier revision never leads to an outdated order of stops.

All links of a day can be ended at once, for a phone that was lost: the day has a number that each link was signed with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fascia.links import ROUTE, Link, sign_link
from fascia.localtime import zone_of
from fascia.problem import Forbidden, Gone
from fascia.store import UnitOfWork
from scheduling_svc.settings import scheduling_settings
from scheduling_svc.store import Change, read, write
from scheduling_svc.workforce.practice import Practice


@dataclass(frozen=True)
class PageLink:
    """Where the page is, and until when the link opens it."""

    url: str
    expires_at: datetime


def page_link(uow: UnitOfWork, practice: Practice, therapist_id: str, on: date, time_zone: str) -> PageLink:
    """A fresh link to a therapist's page of a day."""
    expires_at = link_end(on, time_zone, practice.route_link_hours)
    number = _ended(uow, therapist_id, on) + 1
    token = sign_link(uow.keyring, ROUTE, f"{therapist_id}:{on.isoformat()}", uow.practice_id, expires_at, number)
    return PageLink(f"{scheduling_settings(uow.settings).public_url.rstrip('/')}/r/{token}", expires_at)


def end_links(uow: UnitOfWork, therapist_id: str, on: date) -> None:
    """Every link of a day that was made so far opens nothing any more."""
    write(uow, Change(_key(therapist_id, on), {}, _ended(uow, therapist_id, on)))


def require_open(uow: UnitOfWork, link: Link) -> None:
    """Raise Gone for a link that was ended before its time."""
    therapist_id, on = linked_day(link)
    if link.version <= _ended(uow, therapist_id, on):
        raise Gone("link-ended", "This link was ended. Ask the office for a new one.")


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


def _ended(uow: UnitOfWork, therapist_id: str, on: date) -> int:
    """How often the links of a day were ended: the version of a document that is made by the first time."""
    key = _key(therapist_id, on)
    found = read(uow, [key]).get(key)
    return int(found["version"]) if found else 0


def _key(therapist_id: str, on: date) -> str:
    return f"ended-links:{therapist_id}:{on.isoformat()}"
