"""Settings of outcomes-svc."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class OutcomesSettings(ServiceSettings):
    """What every service needs; outcomes-svc needs no more."""
