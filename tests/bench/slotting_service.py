"""The simulated week against the real service over HTTP: offers, holds, bookings, the day planned anew after each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from fascia.store import UnitOfWork
from scheduling_stand import PRACTICE, Stand, deliver, serving
from scheduling_svc.expecting.jobs import expect_demand
from scheduling_svc.plans.jobs import replan_changed
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.therapist_day import Stop, TherapistDay
from scheduling_svc.workforce.place import Coordinates
from slotting_checker import Routes
from slotting_checker import Stop as Seen
from slotting_memory import past_week
from slotting_world import (
    CIRCUITY,
    DAYS,
    KMH,
    LUNCH,
    LUNCH_FROM,
    LUNCH_UNTIL,
    PROMISE,
    SHIFT,
    SKILL,
    THERAPISTS,
    VISIT,
    Place,
    Request,
    World,
)

ZONE = "Etc/UTC"
GRID = 30
_NOW = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
MONDAY = _NOW + timedelta(days=7 - _NOW.weekday())
"""Of the week to come: the service goes by the real clock."""


@dataclass
class Played:
    """What the service answered, and how long it took, in seconds."""

    routes: Routes
    refused: int = 0
    offering: list[float] = field(default_factory=list)
    booking: list[float] = field(default_factory=list)
    replanning: list[float] = field(default_factory=list)
    expecting: list[float] = field(default_factory=list)


def play(uri: str, world: World, *, limit: int, replan_seconds: float, foresight_weeks: int) -> Played:
    """Every patient calls, chooses at random among the first offers, and is booked; then the day is planned anew."""
    with serving(uri, FASCIA_REPLAN_SECONDS=str(replan_seconds), FASCIA_PLAN_PROCESSES="0") as stand:
        played = Played({})
        dice = random.Random(f"choice {world.seed}")
        with stand.session() as session:
            desk = _Desk(session, stand.base)
            _set_up(desk, world, foresight_weeks)
            _remember(stand, world)
            _timed(played.expecting, lambda: expect_demand(stand.runtime))
            for request in world.requests:
                deliver(stand, "patient.registered", _profile(request))
                offers = _timed(played.offering, lambda request=request: desk.offers(request, limit))
                if not offers:
                    played.refused += 1
                    continue
                chosen = dice.choice(offers)
                _timed(played.booking, lambda chosen=chosen: desk.book(chosen))
                _timed(played.replanning, lambda: _replan(stand))
            played.routes = _routes(desk)
        return played


def _replan(stand: Stand) -> None:
    """The worker's job, here and now: the next patient calls when it is done."""
    replan_changed(stand.runtime)


@dataclass(frozen=True)
class _Desk:
    session: requests.Session
    base: str

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """The body of an answer that must be good."""
        answer = self.session.request(method, self.base + path, json=body, timeout=60)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def offers(self, request: Request, limit: int) -> list[dict[str, Any]]:
        """What a patient who is free all week is offered."""
        wish = {
            "patient_id": f"p{request.number}",
            "service_type": "massage",
            "setting": "mobile",
            "from": MONDAY.isoformat(),
            "to": (MONDAY + timedelta(days=DAYS)).isoformat(),
            "skills": [SKILL] if request.skilled else [],
            "limit": limit,
            "apart_minutes": GRID,
        }
        return list(self.send("POST", "/v1/offers", wish)["items"])

    def book(self, offer: dict[str, Any]) -> None:
        """Hold, then book."""
        hold = self.send("POST", "/v1/holds", offer)
        self.send("POST", "/v1/appointments", {"hold_id": hold["id"]})


def _timed(times: list[float], work: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    done = work()
    times.append(time.perf_counter() - begun)
    return done


def _set_up(desk: _Desk, world: World, foresight_weeks: int) -> None:
    policy = {"change_of_hands_minutes": 0, "unfairness": 0, "foresight_weeks": foresight_weeks}
    practice = {
        "name": "Bench",
        "time_zone": ZONE,
        "promise_minutes": PROMISE,
        "slot_minutes": GRID,
        "circuity": CIRCUITY,
        "kmh_by_hour": [KMH] * 24,
        "planning": policy,
    }
    desk.send("PUT", "/v1/practice", practice)
    massage = {"code": "massage", "name": "Massage", "minutes": 60, "kind": "evaluation", "settings": ["mobile"]}
    desk.send("POST", "/v1/service-types", massage)
    for number, home in enumerate(world.homes):
        desk.send("POST", "/v1/therapists", _therapist(number, home))
        for day in range(DAYS):
            desk.send("POST", f"/v1/therapists/t{number}/shifts", _shift(day))


def _remember(stand: Stand, world: World) -> None:
    """The days of the week before, as the service would have kept them."""
    stops: dict[tuple[int, int], list[Stop]] = {}
    for therapist, day, seen in past_week(world):
        stops.setdefault((therapist, day), []).append(_past_stop(world, day, seen))

    def keep(uow: UnitOfWork) -> None:
        for (therapist, day), found in stops.items():
            on = (MONDAY + timedelta(days=day - 7)).date()
            routing.save(uow, TherapistDay(f"t{therapist}", on, stops=tuple(found)))

    stand.runtime.transaction(PRACTICE, keep)


def _past_stop(world: World, day: int, seen: Seen) -> Stop:
    patient = world.history[seen.request]
    begins = MONDAY + timedelta(days=day - 7, minutes=seen.starts)
    return Stop(
        id=f"past-{patient.number}",
        patient_id=f"past-{patient.number}",
        setting="mobile",
        location_id=None,
        shift_id=f"past-{day}",
        place=Coordinates(*patient.home),
        starts_at=begins,
        ends_at=begins + timedelta(minutes=VISIT),
        service_type="massage",
        skills=(SKILL,) if patient.skilled else (),
    )


def _therapist(number: int, home: Place) -> dict[str, Any]:
    licence = {"state": "MA", "number": f"LMT-{number}", "valid_from": "2020-01-01", "valid_until": "2030-01-01"}
    return {
        "id": f"t{number}",
        "name": f"Therapist {number}",
        "home": {"latitude": home[0], "longitude": home[1]},
        "time_zone": ZONE,
        "licences": [licence],
        "service_types": ["massage"],
        "settings": ["mobile"],
        "max_drive_minutes": 120,
        "skills": [SKILL] if number < THERAPISTS // 2 else [],
    }


def _shift(day: int) -> dict[str, Any]:
    opens = MONDAY + timedelta(days=day)

    def local(minutes: int) -> str:
        return (opens + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")

    lunch = {"local_earliest": local(LUNCH_FROM), "local_latest": local(LUNCH_UNTIL), "minutes": LUNCH}
    return {"local_start": local(0), "local_end": local(SHIFT), "breaks": [lunch]}


def _profile(request: Request) -> dict[str, Any]:
    latitude, longitude = request.home
    return {
        "patient_id": f"p{request.number}",
        "version": 1,
        "given_name": "Sample",
        "family_name": str(request.number),
        "birth_date": datetime(1980, 1, 1, tzinfo=UTC).date(),
        "address": {
            "line": f"{request.number} Specimen Street",
            "city": "Boston",
            "state": "MA",
            "postal_code": "02116",
            "country": "US",
            "coordinates": {"latitude": latitude, "longitude": longitude},
        },
        "time_zone": ZONE,
        "contact_consent": {"sms": False, "email": False},
    }


def _routes(desk: _Desk) -> Routes:
    """What the service says: the days as they are planned, and what patients were promised."""
    promised = _promises(desk)
    found: Routes = {}
    for therapist in range(THERAPISTS):
        for day in range(DAYS):
            opens = MONDAY + timedelta(days=day)
            stops = desk.send("GET", f"/v1/therapists/t{therapist}/days/{opens.date()}")["stops"]
            found[therapist, day] = [
                Seen(promised[stop["id"]][0], _minutes(stop["starts_at"], opens), promised[stop["id"]][1][day])
                for stop in sorted(stops, key=lambda one: one["starts_at"])
            ]
    return found


def _promises(desk: _Desk) -> dict[str, tuple[int, dict[int, tuple[int, int]]]]:
    """The patient of each appointment, and the promise in minutes of the day on which it is."""
    found, cursor = {}, None
    while True:
        page = desk.send("GET", f"/v1/appointments?limit=200{f'&cursor={cursor}' if cursor else ''}")
        for one in page["items"]:
            day = (datetime.fromisoformat(one["promised_from"]).date() - MONDAY.date()).days
            opens = MONDAY + timedelta(days=day)
            window = _minutes(one["promised_from"], opens), _minutes(one["promised_until"], opens)
            found[one["id"]] = int(one["patient_id"][1:]), {day: window}
        cursor = page["next_cursor"]
        if not cursor:
            return found


def _minutes(at: str, opens: datetime) -> int:
    return round((datetime.fromisoformat(at) - opens).total_seconds() / 60)
