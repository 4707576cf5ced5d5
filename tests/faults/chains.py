"""Plays many chains at once over the public REST APIs, as patient users of a practice who repeat what was not answered.

The bodies are the demo's; here they are spread over therapists and days, and each chain's patient can be told apart
at the catcher by phone and mail address.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests
from persistence import Patience, PersistentCast, Tokens
from practice import SERVICE, ZONE, Place, Practice

from fascia.devset.cast import NotSeenError
from fascia.devset.chain import Chain
from fascia.devset.patients import new_patient
from fascia.devset.rest import RestError
from fascia.web.principal import Role

_LINK = re.compile(r"https?://\S+/q/[A-Za-z0-9._~-]+")
_ITEM = re.compile(r'<input[^>]* name="([a-z][a-z0-9_]*)"')
# Area codes that nobody who works here has; x11 are services.
_AREAS = [area for area in range(201, 999) if area % 100 != 11 and area != 617]
STEPS = 10
PUBLISH_EVERY = 5


@dataclass(frozen=True)
class Played:
    """What a chain left behind, by which the checker finds it. `failed` says where it gave up, if it did."""

    number: int
    phone: str
    email: str
    patient_id: str = ""
    claim_id: str = ""
    appointment_id: str = ""
    therapist_id: str = ""
    session_id: str = ""
    failed: str | None = None

    @property
    def name(self) -> str:
        """What faults call it."""
        return f"chain {self.number}"


class FaultChain(Chain):
    """A chain that books where it was told to and repeats what was not answered."""

    def __init__(self, cast: PersistentCast, number: int, places: Sequence[Place]) -> None:
        super().__init__(cast)
        self.number = number
        self.phone = f"+1{_AREAS[number // 100]}555{100 + number % 100:04d}"
        self.email = f"chain.{number}@example.org"
        self._patience = cast.patience
        self._places = places
        self._place = places[0]

    def acts(self) -> list[Callable[[], Any]]:
        """The steps, as many as STEPS."""
        return [
            self.register,
            self.screen,
            self.evaluate,
            self.prescribe,
            self.book,
            self.publish_day,
            self.visit,
            self.sign,
            self.see_questionnaire,
            self.answer,
        ]

    def register(self) -> str:
        """A patient of its own."""
        body = {**new_patient(), "phone": self.phone, "email": self.email}
        self.now.patient = self._did(self._desk("records").post("/v1/patients", body)).body
        return self.now.patient_id

    def book(self) -> str:
        """A free hour with its therapist; whoever loses a race for one asks again."""
        for place in self._places:
            while offers := self._offers(place):
                offer = offers[self.number % len(offers)]
                desk = self._desk("scheduling")
                try:
                    hold = self._did(desk.post("/v1/holds", offer))
                    self.now.appointment = self._did(desk.post("/v1/appointments", {"hold_id": hold.body["id"]})).body
                except RestError as error:
                    if error.status != 409 or self._patience.over():
                        raise
                    self._patience.note("409 slot taken")
                    continue
                self._place = place
                return str(self.now.appointment["id"])
        raise NotSeenError("an offer: the practice is full")

    def publish_day(self) -> str:
        """Some chains publish the day; whatever is booked on it later makes another revision."""
        if self.number % PUBLISH_EVERY == 0:
            therapist_id, day = self._place.therapist.id, self._place.day
            self._did(self._desk("scheduling").post(f"/v1/therapists/{therapist_id}/days/{day}/publication"))
        return ""

    def visit(self) -> str:
        """Nobody drives to a visit at the clinic."""
        appointment = self.now.appointment
        therapist = self.cast.at("scheduling", Role.THERAPIST, appointment["therapist_id"])
        driven = ["en_route"] if self._place.therapist.setting == "mobile" else []
        for status in (*driven, "arrived", "in_progress", "completed"):
            self._did(therapist.post(f"/v1/appointments/{appointment['id']}/progress", {"status": status}))
        return ""

    def see_questionnaire(self) -> str:
        """The link, from the mail at the catcher."""
        pause = 0.2
        while True:
            found = (_LINK.search(message["text"]) for message in self.cast.caught(self.email))
            link = next((match[0].rstrip(".") for match in found if match), None)
            if link:
                self.now.link = link
                return link
            if self._patience.over():
                raise NotSeenError("a mail with the questionnaire's link")
            time.sleep(pause)
            pause = min(pause * 1.3, 2.0)

    def answer(self) -> str:
        """The patient answers; one who is not sure that it was taken opens the link once more."""
        while True:
            try:
                if self._answered():
                    return ""
                why = "page unavailable"
            except requests.RequestException:
                why = "no answer"
            if self._patience.over():
                raise NotSeenError(f"the page after the answer: {why}")
            self._patience.note(f"questionnaire: {why}")
            time.sleep(0.5)

    def _answered(self) -> bool:
        with requests.Session() as browser:
            browser.trust_env = False
            page = browser.get(self.now.link, timeout=20)
            if not page.ok:
                return False
            items = _ITEM.findall(page.text)
            if not items:
                return "<form" not in page.text
            sent = browser.post(self.now.link, data=dict.fromkeys(items, "3"), timeout=20)
            return sent.ok

    def _therapist(self) -> dict[str, Any]:
        return {"id": self._place.therapist.id}

    def _offers(self, place: Place) -> list[dict[str, Any]]:
        begin = datetime(place.day.year, place.day.month, place.day.day, tzinfo=ZoneInfo(ZONE))
        asked = {
            "patient_id": self.now.patient_id,
            "service_type": SERVICE,
            "setting": place.therapist.setting,
            "claim_id": self.now.claim_id,
            "therapist_id": place.therapist.id,
            "from": begin.isoformat(timespec="seconds"),
            "to": (begin + timedelta(hours=23)).isoformat(timespec="seconds"),
            "limit": 10,
        }
        found: list[dict[str, Any]] = (
            self._desk("scheduling").post("/v1/offers", asked, after=self._events).body["items"]
        )
        return found

    def played(self, failed: str | None = None) -> Played:
        """What is left behind."""
        known = Played(self.number, self.phone, self.email, failed=failed)
        return replace(
            known,
            patient_id=self.now.patient.get("id", ""),
            claim_id=self.now.claim_id,
            appointment_id=self.now.appointment.get("id", ""),
            therapist_id=self.now.appointment.get("therapist_id", ""),
            session_id=self.now.session_id,
        )


class Player:
    """Plays chains in threads and tells how far it is."""

    def __init__(self, suite: dict[str, Any], practice: Practice, run: str, patience: Patience) -> None:
        self.patience = patience
        self.done = 0
        self._suite = suite
        self._practice = practice
        self._run = run
        self._tokens = Tokens(suite)
        self._steps = 0
        self._at: dict[int, str] = {}
        self.wanted = 1
        self._lock = threading.Lock()

    def progress(self) -> float:
        """The part of all steps that were made, 0 to 1."""
        return self._steps / (self.wanted * STEPS)

    def under_way(self) -> Counter[str]:
        """How many chains are at which step."""
        with self._lock:
            return Counter(self._at.values())

    def play(self, count: int, threads: int, first: int = 0) -> list[Played]:
        """Play `count` chains numbered from `first`; a chain that gives up says so in what it left behind."""
        self.wanted = count
        with ThreadPoolExecutor(threads, thread_name_prefix="chain") as pool:
            return list(pool.map(self._play_one, range(first, first + count)))

    def _play_one(self, number: int) -> Played:
        cast = PersistentCast(self._suite, f"{self._run}/{number}", self.patience, self._tokens)
        chain = FaultChain(cast, number, self._practice.places(number))
        failed = None
        made = 0
        for act in chain.acts():
            with self._lock:
                self._at[number] = act.__name__
            try:
                act()
            except (RestError, NotSeenError) as error:
                failed = f"{act.__name__}: {error}"
                break
            made += 1
            with self._lock:
                self._steps += 1
        with self._lock:
            del self._at[number]
            self.done += 1
            self._steps += STEPS - made
        cast.close()
        return chain.played(failed)
