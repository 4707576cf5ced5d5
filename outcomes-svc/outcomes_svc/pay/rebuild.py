"""A statement's work and scores projected anew from a log of events, in memory, without the service. Pure.

What does not follow from events stays as the statement has it: the plan, what the office recorded, the figures of the
prediction, corrections. Events may come in any order and any number of times: versions and revisions decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from fascia.localtime import local_date
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.share import EpisodeFigures, OutcomeFigures
from outcomes_svc.pay.statement import StatementInputs, Work
from outcomes_svc.pay.work import DrivenDay, PaidSession

SESSIONS = ("session.completed", "session.amended")
ROUTE, SCORED = "route.published", "outcome.scored"


@dataclass(frozen=True)
class LoggedEvent:
    """An event's type and its payload as the contract loads it."""

    type: str
    data: Mapping[str, Any]


def rebuilt(inputs: StatementInputs, events: Iterable[LoggedEvent]) -> StatementInputs:
    """The inputs with sessions, ways and scores as the events tell them."""
    sessions: dict[str, Mapping[str, Any]] = {}
    routes: dict[date, Mapping[str, Any]] = {}
    scores: dict[str, Mapping[str, Any]] = {}
    for event in events:
        data = event.data
        if event.type in SESSIONS:
            _newest(sessions, data["session_id"], data, "version")
        elif event.type == ROUTE and data["therapist_id"] == inputs.therapist:
            _newest(routes, data["date"], data, "revision")
        elif event.type == SCORED:
            scores[data["score_id"]] = data
    paid = (_session(data, inputs) for data in sessions.values())
    drives = (_drive(data) for data in routes.values())
    work = Work(
        sessions=tuple(sorted((one for one in paid if one), key=lambda one: (one.date, one.id))),
        entries=inputs.work.entries,
        drives=tuple(sorted((one for one in drives if _within(one.date, inputs)), key=lambda one: one.date)),
    )
    return replace(inputs, work=work, outcome=_outcome(inputs.outcome, scores))


def _newest(kept: dict[Any, Mapping[str, Any]], key: Any, data: Mapping[str, Any], counter: str) -> None:
    if key not in kept or kept[key][counter] < data[counter]:
        kept[key] = data


def _within(day: date, inputs: StatementInputs) -> bool:
    return Month(day.year, day.month) == inputs.month


def _session(data: Mapping[str, Any], inputs: StatementInputs) -> PaidSession | None:
    day = local_date(data["started_at"], inputs.plan.time_zone)
    if data["therapist_id"] != inputs.therapist or not _within(day, inputs):
        return None
    return PaidSession(
        id=data["session_id"],
        version=data["version"],
        date=day,
        setting=data["setting"],
        service_type=data["service_type"],
        treated_minutes=data["treated_minutes"],
    )


def _drive(data: Mapping[str, Any]) -> DrivenDay:
    minutes = sum(stop["drive_minutes"] for stop in data["stops"])
    return DrivenDay(date=data["date"], revision=data["revision"], minutes=minutes)


def _outcome(figures: OutcomeFigures | None, scores: Mapping[str, Mapping[str, Any]]) -> OutcomeFigures | None:
    """The figures, with each score that no event of its episode and instrument tells of taken away."""
    if figures is None:
        return None
    return replace(figures, episodes=tuple(_told(episode, scores) for episode in figures.episodes))


def _told(episode: EpisodeFigures, scores: Mapping[str, Mapping[str, Any]]) -> EpisodeFigures:
    def known(score_id: str | None) -> str | None:
        data = scores.get(score_id or "")
        same = data and (data["episode_id"], data["instrument"]) == (episode.episode_id, episode.instrument)
        return score_id if same else None

    return replace(episode, baseline_score=known(episode.baseline_score), end_score=known(episode.end_score))
