"""The practice that fault tests play in, built over REST: four therapists at a clinic, four who drive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from persistence import PersistentCast

from fascia.devset.rest import Rest
from fascia.web.principal import Role

ZONE = "America/New_York"
SERVICE = "massage-60"
CLINIC = "harbor-clinic"
VISITS_A_DAY = 6
_AREA = "617"  # of therapists; patients have numbers elsewhere
_HOME = {"latitude": 42.36, "longitude": -71.06}


@dataclass(frozen=True)
class Therapist:
    """Somebody to book. `setting` is clinic or mobile."""

    id: str
    setting: str
    phone: str
    email: str


@dataclass(frozen=True)
class Place:
    """Where and when a chain asks for offers."""

    therapist: Therapist
    day: date


@dataclass(frozen=True)
class Practice:
    """Therapists, and the days on which each of them works."""

    therapists: tuple[Therapist, ...]
    days: tuple[date, ...]

    def places(self, number: int) -> list[Place]:
        """Where chain `number` may go: its own therapist and day first, then later days in case that one is full."""
        therapist = self.therapists[number % len(self.therapists)]
        first = number // len(self.therapists) // VISITS_A_DAY % len(self.days)
        return [Place(therapist, day) for day in (*self.days[first:], *self.days[:first])]


def build(cast: PersistentCast, chains: int, therapists: int = 8) -> Practice:
    """Set up what `chains` visits need, with a third of the days to spare."""
    desk = cast.at("scheduling", Role.ADMIN)
    desk.put(
        "/v1/practice",
        {"name": "Fault Practice", "time_zone": ZONE, "early_start_minutes": None, "hold_minutes": 30},
    )
    _allow_texts_at_night(cast.at("notify", Role.ADMIN))
    desk.post(
        "/v1/service-types",
        {"code": SERVICE, "name": "Medical massage", "minutes": 60, "requires_prescription": True},
    )
    _add_clinic(desk, rooms=(therapists + 1) // 2)
    team = tuple(_add_therapist(desk, number) for number in range(therapists))
    wanted = -(-chains // (therapists * VISITS_A_DAY))
    today = datetime.now(UTC).date()
    # Far enough ahead for reminders to stay planned, near enough for a prescription of 90 days.
    days = tuple(today + timedelta(days=4 + number) for number in range(wanted + wanted // 3 + 1))
    for therapist in team:
        for day in days:
            _add_shift(desk, therapist, day)
    return Practice(team, days)


def _allow_texts_at_night(desk: Rest) -> None:
    """Tests run at any hour."""
    policy = desk.get("/v1/messaging-policy")
    desk.put("/v1/messaging-policy", {"sender_name": "Fault Practice", "quiet_hours": None}, etag=policy.etag)


def _add_clinic(desk: Rest, rooms: int) -> None:
    address = {"line": "700 Boylston St", "city": "Boston", "state": "MA", "postal_code": "02116", "country": "US"}
    desk.post(
        "/v1/locations",
        {
            "id": CLINIC,
            "name": "Harbor Clinic",
            "setting": "clinic",
            "time_zone": ZONE,
            "address": {**address, "coordinates": {"latitude": 42.34945, "longitude": -71.07825}},
        },
    )
    for number in range(rooms):
        desk.post("/v1/rooms", {"id": f"room-{number}", "location_id": CLINIC, "name": f"Room {number}"})


def _add_therapist(desk: Rest, number: int) -> Therapist:
    setting = "mobile" if number % 2 else "clinic"
    therapist = Therapist(f"t-{number}", setting, f"+1{_AREA}555{100 + number:04d}", f"t{number}@example.org")
    today = datetime.now(UTC).date()
    licence = {"state": "MA", "number": f"MT-{number}", "valid_from": f"{today.year - 1}-01-01"}
    desk.post(
        "/v1/therapists",
        {
            "id": therapist.id,
            "name": f"Therapist {number}",
            "phone": therapist.phone,
            "email": therapist.email,
            "home": _HOME,
            "time_zone": ZONE,
            "licences": [{**licence, "valid_until": f"{today.year + 2}-12-31"}],
            "service_types": [SERVICE],
            "settings": [setting],
            "max_drive_minutes": 120,
        },
    )
    return therapist


def _add_shift(desk: Rest, therapist: Therapist, day: date) -> None:
    where = {"location_id": CLINIC} if therapist.setting == "clinic" else {}
    desk.post(
        f"/v1/therapists/{therapist.id}/shifts",
        {"local_start": f"{day}T08:00", "local_end": f"{day}T20:00", "time_zone": ZONE, **where},
    )
