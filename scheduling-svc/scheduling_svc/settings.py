"""What this service reads from its environment."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from fascia.settings import ServiceSettings, SettingsError, setting


@dataclass(frozen=True, kw_only=True)
class SchedulingSettings(ServiceSettings):
    """The settings of every service; what a practice decides for itself is kept per practice, in PUT /v1/practice."""

    public_url: str = setting(
        "FASCIA_SCHEDULING_PUBLIC_URL",
        "http://127.0.0.1:8101",
        meaning="this service as therapists' phones reach it, for links; https but on this machine itself",
    )
    osrm_url: str = setting(
        "FASCIA_OSRM_URL", "", meaning="routing engine (OSRM) whose drive times are used; empty: they are estimated"
    )
    osrm_timeout_seconds: float = setting(
        "FASCIA_OSRM_TIMEOUT_SECONDS", 1.0, meaning="longest wait for one table of it; then drives are estimated"
    )
    osrm_table_size: int = setting(
        "FASCIA_OSRM_TABLE_SIZE", 100, meaning="rows and columns of a table, as its --max-table-size allows"
    )

    plan_processes: int = setting(
        "FASCIA_PLAN_PROCESSES", 2, meaning="processes in which a worker solves plans; 0: in its own"
    )
    replan_seconds: float = setting(
        "FASCIA_REPLAN_SECONDS", 0.5, meaning="how long a day is planned anew after a booking"
    )
    night_rounds: int = setting(
        "FASCIA_NIGHT_ROUNDS", 200_000, meaning="how long the night run searches: half a minute for ten therapists"
    )
    night_run_hour: int = setting(
        "FASCIA_NIGHT_RUN_HOUR", 19, meaning="the practice's local hour from which on the next day is planned"
    )

    def __post_init__(self) -> None:
        """Raise SettingsError for an address or a limit that no routing engine could have."""
        if self.osrm_url and not _is_web_address(self.osrm_url):
            raise SettingsError("FASCIA_OSRM_URL is not an http or https address, such as http://127.0.0.1:5000")
        if self.osrm_timeout_seconds <= 0:
            raise SettingsError("FASCIA_OSRM_TIMEOUT_SECONDS must be more than 0")
        if self.osrm_table_size < 1:
            raise SettingsError("FASCIA_OSRM_TABLE_SIZE must be 1 or more")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def scheduling_settings(settings: ServiceSettings) -> SchedulingSettings:
    """The settings of a unit of work or runtime, as this service's own."""
    if not isinstance(settings, SchedulingSettings):
        raise TypeError("scheduling-svc was started with another service's settings")
    return settings
