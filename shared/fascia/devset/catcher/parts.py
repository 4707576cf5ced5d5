"""What the views of the catcher work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from fascia.devset.catcher.faults import Faults
from fascia.devset.catcher.journal import Journal
from fascia.devset.catcher.webhooks import Webhooks

_NAME = "fascia.catcher"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The catcher's parts, wired once."""

    journal: Journal
    faults: Faults
    webhooks: Webhooks
    account_sid: str
    auth_token: str
    now: Callable[[], datetime]


def install(app: Flask, known: Parts) -> None:
    """Give an app its parts."""
    app.extensions[_NAME] = known


def parts(app: Flask) -> Parts:
    """The parts of an app."""
    known = app.extensions[_NAME]
    assert isinstance(known, Parts)
    return known
