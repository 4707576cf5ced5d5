"""Every route says who may call it: `@access` (a bearer token with one of the roles) or `@public` (with the reason).

A route that says neither makes `create_app` fail, so nothing is open by oversight. Role and practice come from the
token alone; no route takes a practice id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from fascia.problem import Forbidden
from fascia.web import body, fascia_after
from fascia.web.principal import Principal, Role
from fascia.web.running import kit
from fascia.web.tokens import Unauthenticated

__all__ = ["Guard", "Principal", "Role", "access", "current_principal", "guard_of", "public"]

View = TypeVar("View", bound=Callable[..., Any])
Admit = Callable[[Mapping[str, Any]], Principal | None]


@dataclass(frozen=True)
class Guard:
    """What a route declared. `roles` is empty for a public one, `reason` for a protected one."""

    roles: tuple[Role, ...] = ()
    reason: str = ""


def access(*roles: Role) -> Callable[[View], View]:
    """Admit callers whose token holds one of `roles`; it stands directly below `@blp.route`."""
    if not roles:
        raise TypeError("@access needs at least one role")

    def admit(_: Mapping[str, Any]) -> Principal:
        principal = kit().tokens.read(_bearer())
        if not principal.has(*roles):
            allowed = ", ".join(sorted(roles))
            detail = f"This needs one of the roles: {allowed}. The token holds: {_named(principal.roles)}."
            raise Forbidden("missing-role", detail)
        return principal

    return _guarded(admit, Guard(roles=roles))


def public(reason: str, *, principal: Callable[..., Principal] | None = None) -> Callable[[View], View]:
    """Admit anybody, and say why that is right.

    `principal` names the caller by other means than a token, such as a signed link: it is called with the route's
    path arguments and raises a Problem when the link is not good. With it `@command` and `@query` know the practice.
    """
    if not reason:
        raise TypeError("@public needs a reason")

    def admit(path: Mapping[str, Any]) -> Principal | None:
        return principal(**path) if principal else None

    return _guarded(admit, Guard(reason=reason))


def _guarded(admit: Admit, guard: Guard) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        if guard_of(view):
            raise TypeError(f"{view.__name__} has two of @access and @public")

        @wraps(view)
        def guarded(*args: Any, **path: Any) -> Any:
            g.fascia_principal = admit(path)
            # Waiting happens before any transaction: inside one, the snapshot would never show what arrives.
            fascia_after.wait(request.headers.get(fascia_after.HEADER))
            body.check(view)
            return view(*args, **path)

        guarded.__dict__["fascia_guard"] = guard
        return guarded  # type: ignore[return-value]

    return decorate


def guard_of(view: Callable[..., Any]) -> Guard | None:
    """What a view declared, or None."""
    found = getattr(view, "fascia_guard", None)
    return found if isinstance(found, Guard) else None


def current_principal() -> Principal:
    """The caller of this request; raises Unauthenticated on a public route that names none."""
    principal = g.get("fascia_principal")
    if principal is None:
        raise Unauthenticated("This route has no caller.")
    return principal  # type: ignore[no-any-return]


def _bearer() -> str:
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a token: Authorization: Bearer TOKEN.")
    return token.strip()


def _named(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(roles)) or "none"
