"""Everything about a practice that a booking looks up, at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from fascia.problem import Conflict, NotFound, RuleViolation
from scheduling_svc.workforce.place import Coordinates, Location, Room
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.service_type import ServiceType
from scheduling_svc.workforce.shift import Shift
from scheduling_svc.workforce.therapist import Therapist

T = TypeVar("T")


@dataclass(frozen=True)
class Directory:
    """A practice's settings, sites, service types and therapists by id; `mark` names the state that was read."""

    settings: Practice | None
    locations: Mapping[str, Location] = field(default_factory=dict)
    rooms: Mapping[str, Room] = field(default_factory=dict)
    service_types: Mapping[str, ServiceType] = field(default_factory=dict)
    therapists: Mapping[str, Therapist] = field(default_factory=dict)
    mark: str = ""

    @property
    def practice(self) -> Practice:
        """The settings; raises Conflict before they were made."""
        if self.settings is None:
            raise Conflict("practice-not-set-up", "The practice has no settings yet. Send PUT /v1/practice first.")
        return self.settings

    def therapist(self, id_: str) -> Therapist:
        """Raises NotFound."""
        return _known(self.therapists, "therapist", id_)

    def location(self, id_: str) -> Location:
        """Raises NotFound."""
        return _known(self.locations, "location", id_)

    def room(self, id_: str) -> Room:
        """Raises NotFound."""
        return _known(self.rooms, "room", id_)

    def base(self, shift: Shift, therapist: Therapist) -> Coordinates:
        """Where a shift begins and ends: at its site or its depot, else at home. Raises NotFound."""
        site = shift.location_id or shift.depot_id
        return self.location(site).coordinates if site else therapist.home

    def service_type(self, code: str) -> ServiceType:
        """Raises RuleViolation: a code is chosen from a list, it is not somebody's id."""
        try:
            return self.service_types[code]
        except KeyError:
            raise RuleViolation(
                "unknown-service-type",
                f"{code!r} is not a service type of this practice.",
                "service_type",
                f"Send one of: {', '.join(sorted(self.service_types)) or 'none is set up yet'}.",
            ) from None

    def rooms_of(self, location_id: str) -> list[Room]:
        """The rooms of a location, by id."""
        return sorted((room for room in self.rooms.values() if room.location_id == location_id), key=lambda r: r.id)


def _known(items: Mapping[str, T], what: str, id_: str) -> T:
    try:
        return items[id_]
    except KeyError:
        raise NotFound(what, id_) from None
