"""What this service reads from its environment."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class SchedulingSettings(ServiceSettings):
    """The settings of every service; what a practice decides for itself is kept per practice, in PUT /v1/practice."""
