"""What this service reads from its environment."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.settings import ServiceSettings, setting


@dataclass(frozen=True, kw_only=True)
class SchedulingSettings(ServiceSettings):
    """The settings of every service; what a practice decides for itself is kept per practice, in PUT /v1/practice."""

    public_url: str = setting(
        "FASCIA_SCHEDULING_PUBLIC_URL",
        "http://127.0.0.1:8101",
        meaning="this service as therapists' phones reach it, for links; https but on this machine itself",
    )


def scheduling_settings(settings: ServiceSettings) -> SchedulingSettings:
    """The settings of a unit of work or runtime, as this service's own."""
    if not isinstance(settings, SchedulingSettings):
        raise TypeError("scheduling-svc was started with another service's settings")
    return settings
