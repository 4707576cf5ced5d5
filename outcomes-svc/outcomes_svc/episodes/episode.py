"""An episode: the sessions of one patient for one condition that belong together. Pure.

Which episodes there are follows from the sessions alone, not from the order in which they became known: an episode
ends when 60 days pass without a session, or after 180 days; a later session begins a new one. A discharge ends it
before, until the patient comes back for the same condition within those 60 days: then it goes on as if nobody had
discharged them, so that no one cuts a course of treatment in two at its best moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fascia.problem import Conflict
from outcomes_svc.episodes.treated_session import TreatedSession

NO_VISIT = timedelta(days=60)
LONGEST = timedelta(days=180)


class EpisodeState(StrEnum):
    """`void`: its sessions turned out to belong to other episodes."""

    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"


class CloseReason(StrEnum):
    """Why an episode ended."""

    DISCHARGED = "discharged"
    NO_VISIT_60_DAYS = "no_visit_60_days"
    AFTER_180_DAYS = "after_180_days"


class DischargeReason(StrEnum):
    """Why a therapist ended treatment."""

    GOALS_MET = "goals_met"
    NO_FURTHER_PROGRESS = "no_further_progress"
    PATIENT_STOPPED = "patient_stopped"
    REFERRED_ON = "referred_on"
    VISITS_USED_UP = "visits_used_up"
    OTHER = "other"


@dataclass(frozen=True)
class Discharge:
    """That somebody ended treatment; `by` is the subject of who did."""

    at: datetime
    by: str
    reason: DischargeReason


@dataclass(frozen=True)
class Primary:
    """The instrument that the episode is judged by, locked with its version when the episode opens."""

    instrument: str
    version: str
    stand_in: bool


@dataclass(frozen=True, kw_only=True)
class Episode:
    """Instants are the ends of sessions. `closes_at` moves with each session until it has passed.

    `reason_code` is the diagnosis for which the primary instrument was chosen: the first one of the first session,
    empty where that has none, and None for episodes from before it was kept.
    """

    id: str
    version: int
    patient_id: str
    condition: str
    primary: Primary
    first_session_id: str
    opened_at: datetime
    last_session_at: datetime
    sessions: int
    reason_code: str | None = None
    state: EpisodeState = EpisodeState.OPEN
    close_reason: CloseReason | None = None
    discharge: Discharge | None = None

    @property
    def discharged(self) -> bool:
        """Whether a discharge stands: no session came after it."""
        return self.discharge is not None and self.discharge.at >= self.last_session_at

    @property
    def closes_at(self) -> datetime:
        """When it ends, or ended, unless another session comes before."""
        by_time = min(self.last_session_at + NO_VISIT, self.opened_at + LONGEST)
        return min(by_time, self.discharge.at) if self.discharge and self.discharged else by_time

    def at(self, now: datetime) -> Episode:
        """The episode as it stands at `now`: open, or closed with the reason."""
        if self.state is EpisodeState.VOID:
            return self
        if now < self.closes_at:
            return replace(self, state=EpisodeState.OPEN, close_reason=None)
        return replace(self, state=EpisodeState.CLOSED, close_reason=self._reason())

    def ended_by(self, by: str, reason: DischargeReason, now: datetime) -> Episode:
        """The episode after a discharge at `now`; raises Conflict where it is not open."""
        if self.at(now).state is not EpisodeState.OPEN:
            raise Conflict(
                "episode-not-open",
                "The episode is not open; there is nobody to discharge.",
                fix="Read it again: its state and its reason say how it ended.",
            )
        # The clock of the machine on which a session was signed may be ahead of this one.
        discharge = Discharge(max(now, self.last_session_at), by, reason)
        return replace(self, discharge=discharge).at(discharge.at)

    def _reason(self) -> CloseReason:
        if self.discharge and self.discharged and self.closes_at == self.discharge.at:
            return CloseReason.DISCHARGED
        by_gap = self.last_session_at + NO_VISIT <= self.opened_at + LONGEST
        return CloseReason.NO_VISIT_60_DAYS if by_gap else CloseReason.AFTER_180_DAYS


@dataclass(frozen=True)
class Plan:
    """A patient's episodes, and to which of them each session belongs."""

    episodes: tuple[Episode, ...]
    episode_of: Mapping[str, str]


def plan(
    sessions: Sequence[TreatedSession],
    known: Iterable[Episode],
    *,
    choose: Callable[[Sequence[str]], Primary],
    name: Callable[[TreatedSession], str],
    now: datetime,
) -> Plan:
    """All episodes of a patient's sessions.

    `name` gives an episode's id from its first session, so that the same sessions make the same episodes, ids included,
    whatever the order in which they became known. An episode that is known under another id keeps that one.
    """
    known = list(known)
    by_first = {episode.first_session_id: episode for episode in known}
    planned: list[Episode] = []
    episode_of: dict[str, str] = {}
    for group in _groups(sessions):
        before = by_first.pop(group[0].id, None)
        id_ = before.id if before else name(group[0])
        ended = replace(_episode(id_, group, before, choose), discharge=_discharge(group, known))
        planned.append(ended.at(now))
        episode_of.update({session.id: id_ for session in group})
    left = [_void(episode) for episode in by_first.values()]
    return Plan((*planned, *left), episode_of)


def _groups(sessions: Sequence[TreatedSession]) -> list[list[TreatedSession]]:
    """Sessions of one condition, cut where an episode ends; groups in order of their first session."""
    groups: list[list[TreatedSession]] = []
    current: dict[str, list[TreatedSession]] = {}
    for session in sorted(sessions, key=lambda session: (session.ended_at, session.id)):
        group = current.get(session.condition)
        if group and _belongs(session, group):
            group.append(session)
        else:
            current[session.condition] = [session]
            groups.append(current[session.condition])
    return groups


def _belongs(session: TreatedSession, group: Sequence[TreatedSession]) -> bool:
    return session.ended_at < min(group[-1].ended_at + NO_VISIT, group[0].ended_at + LONGEST)


def _episode(
    id_: str, group: Sequence[TreatedSession], known: Episode | None, choose: Callable[[Sequence[str]], Primary]
) -> Episode:
    first, last = group[0], group[-1]
    reason = first.condition_codes[0] if first.condition_codes else ""
    # Locked at baseline: a later version of the table or of the instrument does not reach an episode that has begun.
    # Only a corrected diagnosis chooses anew, or the choice would depend on whether the correction came first.
    locked = known is not None and known.reason_code in (None, reason)
    return Episode(
        id=id_,
        version=known.version if known else 0,
        patient_id=first.patient_id,
        condition=first.condition,
        primary=known.primary if known is not None and locked else choose(first.condition_codes),
        first_session_id=first.id,
        opened_at=first.ended_at,
        last_session_at=last.ended_at,
        sessions=len(group),
        reason_code=reason,
    )


def _discharge(group: Sequence[TreatedSession], known: Iterable[Episode]) -> Discharge | None:
    """The last discharge of what these sessions were episodes of before: it outlives an earlier session that comes late
    and gives the episode another beginning."""
    ids = {session.id for session in group}
    given = [episode.discharge for episode in known if episode.discharge and episode.first_session_id in ids]
    return max(given, key=lambda discharge: discharge.at, default=None)


def _void(episode: Episode) -> Episode:
    return replace(episode, state=EpisodeState.VOID, sessions=0, close_reason=None)
