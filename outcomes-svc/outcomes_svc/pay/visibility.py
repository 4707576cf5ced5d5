"""Whose pay a caller may see. Pure."""

from __future__ import annotations

from fascia.problem import NotFound
from fascia.web.principal import Principal, Role

READERS = (Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR)
"""Roles that see every therapist's pay."""


def whose(principal: Principal, wanted: str | None) -> str | None:
    """The therapist whose pay a list shows; None: everybody's. A therapist's list is their own, whatever they ask."""
    return wanted if principal.has(*READERS) else principal.subject


def check_may_see(principal: Principal, therapist_id: str, what: str, id_: str) -> None:
    """Raise NotFound for somebody else's: a therapist does not learn that it exists."""
    if not principal.has(*READERS) and principal.subject != therapist_id:
        raise NotFound(what, id_)
