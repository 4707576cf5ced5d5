"""The web application of outcomes-svc."""

from __future__ import annotations

import os

from fascia.clock import Clock
from fascia.runtime import open_runtime
from fascia.settings import load
from fascia.web import app as kit
from flask import Flask

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.service import SERVICE
from outcomes_svc.settings import OutcomesSettings


def create_app(settings: OutcomesSettings | None = None, clock: Clock | None = None) -> Flask:
    """The application; settings come from the environment unless given. Fails on instrument data that does not fit."""
    shipped()
    chosen = settings or load(OutcomesSettings, os.environ)
    return kit.create_app(SERVICE, open_runtime(SERVICE.name, chosen, clock))
