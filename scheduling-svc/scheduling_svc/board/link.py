"""The link to the page of a day's board. It carries the day alone, and lives until some hours after it."""

from __future__ import annotations

from datetime import date

from fascia.links import BOARD, Link, sign_link
from fascia.problem import Forbidden
from fascia.store import UnitOfWork
from scheduling_svc.routing.page_link import PageLink, link_end
from scheduling_svc.settings import scheduling_settings
from scheduling_svc.workforce.practice import Practice


def board_link(uow: UnitOfWork, practice: Practice, on: date) -> PageLink:
    """A fresh link to the page of a day."""
    expires_at = link_end(on, practice.time_zone, practice.route_link_hours)
    token = sign_link(uow.keyring, BOARD, on.isoformat(), uow.practice_id, expires_at)
    return PageLink(f"{scheduling_settings(uow.settings).public_url.rstrip('/')}/b/{token}", expires_at)


def linked_date(link: Link) -> date:
    """The day that a genuine link opens; raises Forbidden for a subject of another shape."""
    try:
        return date.fromisoformat(link.subject)
    except ValueError:
        raise Forbidden("link-invalid", "This link does not name a day.") from None
