"""What a running web process holds, reachable from a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app

from fascia.web.tokens import TokenReader

if TYPE_CHECKING:
    from fascia.runtime import Runtime
    from fascia.service import Service

EXTENSION = "fascia"


@dataclass(frozen=True)
class Kit:
    """The parts that requests need, made once by `create_app`."""

    service: Service
    runtime: Runtime
    tokens: TokenReader


def kit() -> Kit:
    """The kit of the app that handles this request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Kit)
    return found


def current_runtime() -> Runtime:
    """The service's runtime: settings, clock, keyring, database."""
    return kit().runtime
