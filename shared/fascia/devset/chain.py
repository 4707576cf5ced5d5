"""One patient's way through the suite, over the public REST APIs alone, each step seen at its far end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from fascia.devset.cast import Cast, NotSeenError, seen
from fascia.devset.patients import new_patient
from fascia.devset.rest import Answer, Rest
from fascia.web.principal import Role

_CONDITION = "M54.50"
_SERVICE = "massage-60"
_LINK = re.compile(r"https?://\S+/q/[A-Za-z0-9._~-]+")
# As many events as a request may name.
_REMEMBERED = 12


@dataclass
class Journey:
    """What the chain knows of its patient so far."""

    patient: dict[str, Any] = field(default_factory=dict)
    claim_id: str = ""
    appointment: dict[str, Any] = field(default_factory=dict)
    session_id: str = ""
    signed_at: float = 0.0
    scored_after_ms: float = 0.0
    delivered_after_ms: float = 0.0
    link: str = ""

    @property
    def patient_id(self) -> str:
        """The patient's id."""
        return str(self.patient["id"])


class Chain:
    """Plays the steps in order. `steps` yields each one's title and, when it was seen at its far end, what it did."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.now = Journey()
        self._events: list[str] = []
        self._began = datetime.now(UTC)

    def steps(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Title and action of each step; an action raises RestError or NotSeenError."""
        yield "a patient is registered", self.register
        yield "screened for red flags", self.screen
        yield "evaluated, and the evaluation signed", self.evaluate
        yield "a prescription of 6 visits is recorded", self.prescribe
        yield "an offer is held and booked", self.book
        yield "reminders are planned", self.see_reminders
        yield "the therapist's day is published", self.publish_day
        yield "the visit is done", self.visit
        yield "its note is signed", self.sign
        yield "the session is scored", self.see_score
        yield "the follow-up message arrives", self.see_follow_up
        yield "the questionnaire link arrives", self.see_questionnaire
        yield "the patient answers", self.answer
        yield "a second score", self.see_second_score

    def register(self) -> str:
        """A person becomes a patient."""
        answer = self._did(self._desk("records").post("/v1/patients", new_patient()))
        self.now.patient = answer.body
        return f"patient {self.now.patient_id}"

    def screen(self) -> str:
        """The intake: no red flag, treatment consented to."""
        desk = self._desk("records")
        questions = desk.get("/v1/red-flags").body["items"]
        intake = {
            "answers": {question["code"]: False for question in questions},
            "consents": {"treatment": True},
            "signed_by": f"{self.now.patient['given_name']} {self.now.patient['family_name']}",
        }
        result = self._did(desk.post(f"/v1/patients/{self.now.patient_id}/intakes", intake)).body["result"]
        return f"{len(questions)} questions, result: {result}"

    def evaluate(self) -> str:
        """A therapist evaluates and signs; the patient is cleared."""
        therapist_id = self._therapist()["id"]
        therapist = self.cast.at("records", Role.THERAPIST, therapist_id)
        draft = self._did(
            therapist.post(
                f"/v1/patients/{self.now.patient_id}/evaluations",
                {
                    "therapist_id": therapist_id,
                    "condition_codes": [_CONDITION],
                    "result": "cleared",
                    "home_visits": True,
                    "findings": "Tender paraspinal muscles, no neurological signs.",
                    "measures": [{"instrument": "NPRS", "answers": {"pain": 7}}],
                    "case_mix": {"symptom_weeks": 9, "surgery": False, "comorbidities": 1, "payer": "commercial"},
                },
            )
        )
        self._did(therapist.post(f"/v1/evaluations/{draft.body['id']}/signature", etag=draft.etag))
        return "cleared, home visits allowed"

    def prescribe(self) -> str:
        """A written order for six visits is recorded and verified."""
        desk, today = self._desk("records"), datetime.now(UTC).date()
        order = self._did(
            desk.post(
                f"/v1/patients/{self.now.patient_id}/prescriptions",
                {
                    "prescriber": {"name": "Dr. Sample Prescriber", "npi": "1234567893"},
                    "visits": 6,
                    "starts_on": (today - timedelta(days=1)).isoformat(),
                    "expires_on": (today + timedelta(days=90)).isoformat(),
                    "home_visits": True,
                    "condition_codes": [_CONDITION],
                },
            )
        )
        self._did(desk.post(f"/v1/prescriptions/{order.body['id']}/verification", etag=order.etag))
        self.now.claim_id = order.body["claim_id"]
        return f"claim {self.now.claim_id}"

    def book(self) -> str:
        """The first offer is held and booked; Fascia-After makes sure that scheduling knows the patient by now."""
        desk, begin = self._desk("scheduling"), datetime.now(UTC) + timedelta(days=3)
        asked = {
            "patient_id": self.now.patient_id,
            "service_type": _SERVICE,
            "setting": "mobile",
            "claim_id": self.now.claim_id,
            "from": begin.isoformat(timespec="seconds"),
            "to": (begin + timedelta(days=10)).isoformat(timespec="seconds"),
            "limit": 5,
        }
        offers = desk.post("/v1/offers", asked, after=self._events).body["items"]
        if not offers:
            raise NotSeenError("an offer: nobody is free in the next days")
        hold = self._did(desk.post("/v1/holds", offers[0]))
        booked = self._did(desk.post("/v1/appointments", {"hold_id": hold.body["id"]}))
        self.now.appointment = booked.body
        return f"{booked.body['local_start']} with {booked.body['therapist_id']}, the first of {len(offers)} offers"

    def see_reminders(self) -> str:
        """notify-svc has planned reminders for the appointment."""
        notify = self._desk("notify")

        def planned() -> list[dict[str, Any]]:
            query = {"appointment_id": self.now.appointment["id"], "kind": "reminder", "state": "scheduled"}
            return notify.every("/v1/messages", **query)

        messages = seen("a planned reminder", planned)
        return f"{len(messages)}, the first on {min(message['due_at'] for message in messages)[:16]}Z"

    def publish_day(self) -> str:
        """The therapist's day goes to the therapist, by mail or text."""
        appointment = self.now.appointment
        therapist_id, day = appointment["therapist_id"], appointment["local_start"][:10]
        desk = self._desk("scheduling")
        therapist = desk.get(f"/v1/therapists/{therapist_id}").body
        published = datetime.now(UTC)
        self._did(desk.post(f"/v1/therapists/{therapist_id}/days/{day}/publication"))
        addresses = [address for address in (therapist["email"], therapist["phone"]) if address]
        seen("the day at the therapist's address", lambda: self._caught(addresses, published))
        return f"{day}, told to {', '.join(addresses)}"

    def visit(self) -> str:
        """The therapist drives, arrives, begins and finishes."""
        appointment = self.now.appointment
        therapist = self.cast.at("scheduling", Role.THERAPIST, appointment["therapist_id"])
        states = ("en_route", "arrived", "in_progress", "completed")
        for status in states:
            self._did(therapist.post(f"/v1/appointments/{appointment['id']}/progress", {"status": status}))
        return " -> ".join(states)

    def sign(self) -> str:
        """The note is written and signed: session.completed."""
        therapist = self.cast.at("records", Role.THERAPIST, self.now.appointment["therapist_id"])
        note = self._did(
            therapist.post(
                "/v1/notes",
                {
                    "appointment_id": self.now.appointment["id"],
                    "soap": {
                        "subjective": "Low back pain after long drives.",
                        "objective": "Reduced flexion.",
                        "assessment": "Responds well.",
                        "plan": "Weekly visits.",
                    },
                    "techniques": ["myofascial_release"],
                    "areas": ["lower_back"],
                    "treated_minutes": 55,
                    "measures": [{"instrument": "NPRS", "answers": {"pain": 5}}],
                },
                after=self._events,
            )
        )
        self._did(therapist.post(f"/v1/notes/{note.body['id']}/signature", etag=note.etag))
        self.now.signed_at = time.monotonic()
        self.now.session_id = note.body["id"]
        return f"session {self.now.session_id}"

    def see_score(self) -> str:
        """outcomes-svc has scored the session's answers."""
        score = seen("a score of the session", lambda: self._scores(session_id=self.now.session_id, source="session"))[
            0
        ]
        self.now.scored_after_ms = self._since_signed()
        return (
            f"{score['instrument']} {score['value']:g}, {score['judgement']}, after {self.now.scored_after_ms:.0f} ms"
        )

    def see_follow_up(self) -> str:
        """The follow-up was delivered, and is what the catcher holds."""
        notify = self._desk("notify")

        def delivered() -> list[dict[str, Any]]:
            query = {"recipient_id": self.now.patient_id, "kind": "follow_up"}
            return [m for m in notify.every("/v1/messages", **query) if m["state"] in ("delivered", "sent")]

        message = seen("a delivered follow-up", delivered)[0]
        self.now.delivered_after_ms = self._since_signed()
        caught = seen("the follow-up at the catcher", lambda: self._caught(self._addresses(), self._began))
        where, took = caught[-1]["to"], self.now.delivered_after_ms
        return f"{message['channel']} to {where}: {message['state']}, after {took:.0f} ms"

    def see_questionnaire(self) -> str:
        """The link is in a message that the catcher holds; it is taken from there and from nowhere else."""

        def linked() -> str | None:
            found = (_LINK.search(message["text"]) for message in self._caught(self._addresses(), self._began))
            return next((match[0].rstrip(".") for match in found if match), None)

        self.now.link = seen("a message with the questionnaire's link", linked)
        return urlsplit(self.now.link).netloc + "/q/..."

    def answer(self) -> str:
        """The patient opens the link and sends the form; opening alone changes nothing."""
        with requests.Session() as browser:
            browser.trust_env = False
            browser.headers["traceparent"] = self.cast.traceparent()
            page = browser.get(self.now.link, timeout=20)
            items = re.findall(r'<input type="radio" name="([a-z][a-z0-9_]*)"', page.text)
            answers = dict.fromkeys(items, "3")
            sent = browser.post(self.now.link, data=answers, timeout=20)
        if not (page.ok and sent.ok and answers):
            raise NotSeenError(f"the questionnaire's page (answered {page.status_code} and {sent.status_code})")
        return ", ".join(f"{item} = {value}" for item, value in answers.items())

    def see_second_score(self) -> str:
        """The patient's own answers were scored."""
        score = seen("a score of the patient's answers", lambda: self._scores(source="patient"))[0]
        return f"{score['instrument']} {score['value']:g}, {score['judgement']}"

    def _scores(self, source: str, **query: str) -> list[dict[str, Any]]:
        found = self._desk("outcomes").every("/v1/scores", patient_id=self.now.patient_id, **query)
        return [score for score in found if score["source"] == source]

    def _therapist(self) -> dict[str, Any]:
        therapists = self._desk("scheduling").every("/v1/therapists")
        for therapist in therapists:
            if _SERVICE in therapist["service_types"] and "mobile" in therapist["settings"]:
                return therapist
        raise NotSeenError(f"a therapist who offers {_SERVICE} at home: not seen, is this the demo practice?")

    def _addresses(self) -> list[str]:
        return [self.now.patient["phone"], self.now.patient["email"]]

    def _caught(self, addresses: list[str], since: datetime) -> list[dict[str, Any]]:
        found = [message for address in addresses for message in self.cast.caught(address)]
        return [message for message in found if datetime.fromisoformat(message["received_at"]) >= since]

    def _since_signed(self) -> float:
        return (time.monotonic() - self.now.signed_at) * 1000

    def _desk(self, service: str) -> Rest:
        return self.cast.at(service, Role.ADMIN)

    def _did(self, answer: Answer) -> Answer:
        if answer.event:
            self._events = [*self._events, *(one.strip() for one in answer.event.split(","))][-_REMEMBERED:]
        return answer
