"""What this service reads from its environment."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.settings import ServiceSettings, setting


@dataclass(frozen=True, kw_only=True)
class RecordsSettings(ServiceSettings):
    """The settings of every service, and its own."""

    default_time_zone: str = setting(
        "FASCIA_DEFAULT_TIME_ZONE",
        "America/New_York",
        meaning="IANA zone of imported patients whose address does not tell theirs",
    )


def records_settings(settings: ServiceSettings) -> RecordsSettings:
    """The settings of a unit of work as this service's own."""
    if not isinstance(settings, RecordsSettings):
        raise TypeError("records-svc was started with another service's settings")
    return settings
