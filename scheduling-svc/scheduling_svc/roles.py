"""Who may do what in scheduling."""

from __future__ import annotations

from fascia.problem import Forbidden
from fascia.store import UnitOfWork
from fascia.web.principal import Principal, Role

MANAGERS = (Role.OWNER, Role.ADMIN)
DESK = (*MANAGERS, Role.DISPATCHER, Role.SERVICE)
WORKERS = (*DESK, Role.THERAPIST)
READERS = (*WORKERS, Role.BILLER, Role.AUDITOR)


def own_only(uow: UnitOfWork) -> str | None:
    """The therapist id to which a caller is restricted: therapists see their own work; None for everybody else."""
    principal = uow.principal
    assert isinstance(principal, Principal)
    if principal.has(*DESK, Role.BILLER, Role.AUDITOR):
        return None
    return principal.subject


def sees_private(uow: UnitOfWork, therapist_id: str) -> bool:
    """Whether a caller may see where a therapist lives and how to reach them: the desk, and they themselves."""
    principal = uow.principal
    assert isinstance(principal, Principal)
    return principal.has(*DESK) or principal.subject == therapist_id


def require_own(uow: UnitOfWork, therapist_id: str) -> None:
    """Raise Forbidden for a therapist who reaches for a colleague's work."""
    mine = own_only(uow)
    if mine is not None and mine != therapist_id:
        raise Forbidden("not-your-work", "A therapist sees and changes only the visits that are their own.")
