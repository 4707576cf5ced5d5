"""Everything of one patient that decides what they are asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation, episode_of
from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.episodes.treated_session import TreatedSession, condition_of
from outcomes_svc.follow_up.visit import Visit
from outcomes_svc.instruments.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known of a patient, void episodes left out."""

    patient_id: str
    episodes: Sequence[Episode]
    sessions: Sequence[TreatedSession]
    evaluations: Sequence[BaselineEvaluation]
    asked: Sequence[Assessment]
    visits: Sequence[Visit]

    def with_request(self, asked: Assessment) -> Case:
        """The case after a request was made, or changed."""
        return replace(self, asked=[*(known for known in self.asked if known.id != asked.id), asked])

    def sessions_of(self, episode: Episode) -> list[TreatedSession]:
        """The sessions of an episode, in order of time."""
        own = [session for session in self.sessions if session.episode_id == episode.id]
        return sorted(own, key=lambda session: (session.ended_at, session.id))

    def asked_for(self, instrument: str) -> list[Assessment]:
        """The requests for an instrument, in order of time, whatever episode they are about.

        The wording names no body part, so a patient could not tell two requests for the same instrument apart.
        """
        return sorted((a for a in self.asked if a.instrument == instrument), key=lambda a: (a.due_at, a.id))

    def open_request(self, instrument: str, now: datetime) -> Assessment | None:
        """The request for an instrument that can still be answered; there is one at most."""
        return next((asked for asked in self.asked_for(instrument) if asked.open(now)), None)

    def superseded(self, episode: Episode) -> bool:
        """Whether a later episode for the same condition began: from then on only that one is asked about."""
        return any(
            later.condition == episode.condition and later.opened_at > episode.opened_at for later in self.episodes
        )

    def may_begin(self, now: datetime) -> bool:
        """Whether a course of treatment may be about to begin: somebody evaluated what is not in treatment."""
        conditions = {condition_of(known.condition_codes) for known in self.evaluations}
        return any(not self.in_treatment(condition, now) for condition in conditions)

    def in_treatment(self, condition: str, now: datetime) -> bool:
        """Whether an episode for a condition is open."""
        return any(e.condition == condition and e.at(now).state is EpisodeState.OPEN for e in self.episodes)

    def rated(self, instrument: Instrument, condition: str, episode: Episode | None) -> frozenset[str]:
        """The items of an instrument that were rated in an episode and at its evaluation, or before there is one."""
        measures = [measure for session in self.sessions_of(episode) for measure in session.measures] if episode else []
        for known in self.evaluations:
            about = episode_of(known, [episode]) if episode else condition_of(known.condition_codes) == condition
            measures += list(known.measures) if about else []
        return frozenset(
            code for measure in measures if measure.instrument == instrument.id for code in measure.answers
        )
