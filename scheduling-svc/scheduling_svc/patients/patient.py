"""A patient as scheduling knows them: where they live, and what may be done with them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fascia.problem import NotFound
from scheduling_svc.patients.clearance import Clearance
from scheduling_svc.workforce.place import Address


@dataclass(frozen=True)
class Profile:
    """What records-svc last said about the person; `version` is that of records-svc."""

    version: int
    name: str
    address: Address | None
    time_zone: str
    door_notes: str = ""
    deceased: bool = False


@dataclass(frozen=True)
class Patient:
    """Both projections of one patient. Either may arrive first. `version` is the stored one, 0: none yet."""

    id: str
    version: int = 0
    profile: Profile | None = None
    clearance: Clearance | None = None

    def registered(self) -> Profile:
        """The person; raises NotFound before records-svc has told of one."""
        if self.profile is None:
            raise NotFound("patient", self.id)
        return self.profile

    def with_profile(self, profile: Profile) -> Patient | None:
        """The newer state, or None when a newer one is known already."""
        if self.profile is not None and self.profile.version >= profile.version:
            return None
        return replace(self, profile=profile)

    def with_clearance(self, clearance: Clearance) -> Patient | None:
        """The newer verdict, or None when a newer one is known already."""
        if self.clearance is not None and self.clearance.version >= clearance.version:
            return None
        return replace(self, clearance=clearance)
