"""Whose pay a caller may see. Pure."""

from __future__ import annotations

from dataclasses import replace

from fascia.problem import NotFound
from fascia.web.principal import Principal, Role
from outcomes_svc.pay.plan import PayPlan

READERS = (Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR)
"""Roles that see every therapist's pay."""


def whose(principal: Principal, wanted: str | None) -> str | None:
    """The therapist whose pay a list shows; None: everybody's. A therapist's list is their own, whatever they ask."""
    return wanted if principal.has(*READERS) else principal.subject


def shown_to(principal: Principal, plan: PayPlan) -> PayPlan:
    """A plan as the caller may read it: to a therapist it does not tell who else works in which zone."""
    if principal.has(*READERS):
        return plan
    own = {who: zone for who, zone in plan.zones.items() if who == principal.subject}
    return replace(plan, zones=own)


def check_may_see(principal: Principal, therapist_id: str, what: str, id_: str) -> None:
    """Raise NotFound for somebody else's: a therapist does not learn that it exists."""
    if not principal.has(*READERS) and principal.subject != therapist_id:
        raise NotFound(what, id_)
