"""Is every chain complete, and every effect there once? Asked of the public REST APIs and of the catcher alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from chains import Played
from persistence import Patience, PersistentCast, Tokens
from practice import Practice, Therapist

from fascia.devset.rest import Rest
from fascia.web.principal import Role

# A message may be this late before it counts as forgotten: the longest lease, and a look after it.
_OVERDUE = timedelta(seconds=60)
_THREADS = 6
_OUT = ("sent", "delivered")


class Name(StrEnum):
    """What can be wrong."""

    CHAIN_GAVE_UP = "chain gave up"
    APPOINTMENT_MISSING = "appointment missing"
    APPOINTMENT_DOUBLED = "appointment doubled"
    APPOINTMENT_NOT_COMPLETED_ONCE = "appointment not completed exactly once"
    BUDGET_WRONG = "visit budget wrong"
    LEDGER_WRONG = "ledger wrong"
    NOTE_MISSING = "signed note missing"
    NOTE_DOUBLED = "note doubled"
    SCORE_MISSING = "score missing"
    SCORE_DOUBLED = "score doubled"
    ASSESSMENT_WRONG = "assessment not asked and answered exactly once"
    MESSAGE_MISSING = "message missing"
    MESSAGE_DOUBLED = "message doubled"
    MESSAGE_NOT_OUT = "message neither sent nor delivered"
    MESSAGE_OVERDUE = "message scheduled and past due"
    CATCH_MISSING = "message missing at the catcher"
    CATCH_DOUBLED = "message doubled at the catcher"
    CATCH_STRANGE = "unknown message at the catcher"
    ROUTE_NOT_TOLD = "route revision not told"
    ROUTE_TOLD_TWICE = "route revision told twice"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong: with which chain or therapist, what, and what was seen."""

    about: str
    name: Name
    detail: str

    def __str__(self) -> str:
        return f"{self.about}: {self.name} ({self.detail})"


class Checker:
    """Looks at what chains left behind."""

    def __init__(self, suite: dict[str, Any], practice: Practice) -> None:
        self._suite = suite
        self._practice = practice
        self._tokens = Tokens(suite)

    def settle(self, played: Sequence[Played], seconds: float) -> list[Fault]:
        """The faults that are left when nothing more comes right, or after `seconds`. Then all is looked at again."""
        end = time.monotonic() + seconds
        doubtful = list(played)
        while doubtful and time.monotonic() < end:
            wrong = {fault.about for fault in self._of_chains(doubtful)}
            doubtful = [one for one in doubtful if one.name in wrong]
            if doubtful:
                time.sleep(1.0)
        while self._of_routes() and time.monotonic() < end:
            time.sleep(1.0)
        # What comes twice comes a little later than what comes once.
        time.sleep(2.0)
        return self.check(played)

    def check(self, played: Sequence[Played]) -> list[Fault]:
        """All faults at this moment."""
        return sorted([*self._of_chains(played), *self._of_routes()])

    def _of_chains(self, played: Sequence[Played]) -> list[Fault]:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="check") as pool:
            return [fault for found in pool.map(self._of_chain, played) for fault in found]

    def _of_chain(self, one: Played) -> list[Fault]:
        if one.failed:
            return [Fault(one.name, Name.CHAIN_GAVE_UP, one.failed)]
        cast = self._cast()
        try:
            found = [
                *_appointment(cast.at("scheduling", Role.ADMIN), one),
                *_budget(cast.at("scheduling", Role.ADMIN), one),
                *_ledger(cast.at("records", Role.ADMIN), one),
                *_notes(cast.at("records", Role.ADMIN), one),
                *_scores(cast.at("outcomes", Role.ADMIN), one),
                *_messages(cast.at("notify", Role.ADMIN), one),
                *_caught(cast, one),
            ]
        finally:
            cast.close()
        return [Fault(one.name, name, detail) for name, detail in found]

    def _of_routes(self) -> list[Fault]:
        cast = self._cast()
        try:
            return [
                Fault(f"therapist {therapist.id}", name, detail)
                for therapist in self._practice.therapists
                for name, detail in _routes(cast, therapist)
            ]
        finally:
            cast.close()

    def _cast(self) -> PersistentCast:
        return PersistentCast(self._suite, "checker", Patience(60), self._tokens)


Found = list[tuple[Name, str]]


def _appointment(desk: Rest, one: Played) -> Found:
    items = desk.every("/v1/appointments", patient_id=one.patient_id)
    if not items:
        return [(Name.APPOINTMENT_MISSING, one.appointment_id)]
    if len(items) > 1:
        return [(Name.APPOINTMENT_DOUBLED, f"{len(items)} of one patient")]
    seen = desk.get(f"/v1/appointments/{one.appointment_id}").body
    completions = [step["status"] for step in seen["history"]].count("completed")
    if seen["status"] != "completed" or completions != 1:
        return [(Name.APPOINTMENT_NOT_COMPLETED_ONCE, f"{seen['status']}, completed {completions} times")]
    return []


def _budget(desk: Rest, one: Played) -> Found:
    budget = desk.get(f"/v1/claims/{one.claim_id}/budget").body
    seen = {"consumed": budget["consumed_visits"], "reserved": budget["reserved"]}
    if seen != {"consumed": [one.appointment_id], "reserved": 0}:
        return [(Name.BUDGET_WRONG, f"consumed {len(seen['consumed'])}, reserved {seen['reserved']}")]
    return []


def _ledger(desk: Rest, one: Played) -> Found:
    ledger = desk.get(f"/v1/claims/{one.claim_id}/ledger").body
    seen = (ledger["consumed"], ledger["reserved"], ledger["differences"])
    return [] if seen == (1, 0, []) else [(Name.LEDGER_WRONG, "consumed {}, reserved {}, differences {}".format(*seen))]


def _notes(desk: Rest, one: Played) -> Found:
    notes = desk.every(f"/v1/patients/{one.patient_id}/notes")
    if len(notes) > 1:
        return [(Name.NOTE_DOUBLED, f"{len(notes)} notes")]
    states = [note["state"] for note in notes]
    return [] if states == ["signed"] else [(Name.NOTE_MISSING, f"states {states}")]


def _scores(desk: Rest, one: Played) -> Found:
    found: Found = []
    scores = desk.every("/v1/scores", patient_id=one.patient_id, include="all")
    for source in ("session", "patient"):
        mine = [score for score in scores if score["source"] == source]
        found += _once(len(mine), Name.SCORE_MISSING, Name.SCORE_DOUBLED, f"source {source}")
        if any(score["state"] != "scored" for score in mine):
            found.append((Name.SCORE_MISSING, f"source {source}: {mine[0]['state']}"))
    assessments = desk.every("/v1/assessments", patient_id=one.patient_id)
    states = [assessment["state"] for assessment in assessments]
    return found if states == ["answered"] else [*found, (Name.ASSESSMENT_WRONG, f"states {states}")]


def _messages(desk: Rest, one: Played) -> Found:
    found: Found = []
    messages = desk.every("/v1/messages", recipient_id=one.patient_id)
    for kind in ("follow_up", "questionnaire"):
        mine = [message for message in messages if message["kind"] == kind]
        found += _once(len(mine), Name.MESSAGE_MISSING, Name.MESSAGE_DOUBLED, kind)
        found += [
            (Name.MESSAGE_NOT_OUT, f"{kind}: {message['state']}, {message['reason']}")
            for message in mine
            if message["state"] not in _OUT
        ]
    overdue = [message for message in messages if _is_overdue(message)]
    return [*found, *((Name.MESSAGE_OVERDUE, message["kind"]) for message in overdue)]


def _is_overdue(message: dict[str, Any]) -> bool:
    due = datetime.fromisoformat(message["due_at"])
    return message["state"] in ("scheduled", "sending") and due < datetime.now(UTC) - _OVERDUE


def _caught(cast: PersistentCast, one: Played) -> Found:
    texts, mails = (_outbound(cast.caught(address)) for address in (one.phone, one.email))
    thanks = [text for text in texts if "thank you" in text["text"]]
    links = [mail for mail in mails if "/q/" in mail["text"]]
    return [
        *_once(len(thanks), Name.CATCH_MISSING, Name.CATCH_DOUBLED, "follow_up"),
        *_once(len(links), Name.CATCH_MISSING, Name.CATCH_DOUBLED, "questionnaire"),
        *((Name.CATCH_STRANGE, other["kind"]) for other in (*texts, *mails) if other not in thanks + links),
    ]


def _routes(cast: PersistentCast, therapist: Therapist) -> Found:
    """Each revision of each day is one message on each channel, unless a newer revision came before it went out."""
    desk = cast.at("notify", Role.ADMIN)
    routes = cast.at("scheduling", Role.ADMIN).every("/v1/routes", therapist_id=therapist.id)
    latest = {f"{route['id']}:{route['revision']}" for route in routes} - {
        f"{route['id']}:{route['revision'] - 1}" for route in routes
    }
    messages = desk.every("/v1/messages", recipient_id=therapist.id, kind="route")
    found: Found = [(Name.MESSAGE_OVERDUE, "route") for message in messages if _is_overdue(message)]
    for channel, address in (("sms", therapist.phone), ("email", therapist.email)):
        mine = [message for message in messages if message["channel"] == channel]
        found += _as_many(len(routes), len(mine), f"{channel} messages for {len(routes)} revisions")
        out = [message for message in mine if message["state"] in _OUT]
        found += _as_many(len(out), len(_outbound(cast.caught(address))), f"{channel} at the catcher for {len(out)}")
        for message in mine:
            if message not in out and not _replaced(desk, message, latest):
                found.append((Name.MESSAGE_NOT_OUT, f"route: {message['state']}, {message['reason']}"))
    return found


def _replaced(desk: Rest, message: dict[str, Any], latest: set[str]) -> bool:
    """Whether a newer revision replaced it; its cause is route:THERAPIST:DATE:REVISION:CHANNEL."""
    if message["state"] != "cancelled":
        return False
    cause: str = desk.get(f"/v1/messages/{message['id']}").body["cause"]
    return cause.removeprefix("route:").rpartition(":")[0] not in latest


def _outbound(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in messages if message["direction"] == "outbound"]


def _as_many(wanted: int, seen: int, what: str) -> Found:
    if seen == wanted:
        return []
    return [(Name.ROUTE_NOT_TOLD if seen < wanted else Name.ROUTE_TOLD_TWICE, f"{seen} {what}")]


def _once(count: int, missing: Name, doubled: Name, what: str) -> Found:
    if count == 1:
        return []
    return [(missing, what)] if count == 0 else [(doubled, f"{what}, {count} times")]
