"""What a patient needs, and when it would suit them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fascia.localtime import local_date
from scheduling_svc.workforce.place import MOBILE


@dataclass(frozen=True)
class Wish:
    """`latest` is the latest start, also of a promised window. instead_of: the appointment that it would replace.

    apart_minutes: how far apart two windows of one therapist must open to be two choices; None: half of a window.
    """

    patient_id: str
    service_type: str
    setting: str
    earliest: datetime
    latest: datetime
    claim_id: str | None = None
    therapist_id: str | None = None
    location_id: str | None = None
    skills: tuple[str, ...] = ()
    instead_of: str | None = None
    limit: int = 10
    apart_minutes: int | None = None

    @property
    def mobile(self) -> bool:
        """Whether a therapist drives to the patient."""
        return self.setting == MOBILE

    def days(self, zones: Iterable[str]) -> list[date]:
        """The local days, in any of the zones, on which it could be met."""
        found: set[date] = set()
        for zone in set(zones):
            day, last = local_date(self.earliest, zone), local_date(self.latest, zone)
            while day <= last:
                found.add(day)
                day += timedelta(days=1)
        return sorted(found)
