"""A progress report as it was told to the other services, and what has to be told now. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.progress.course import InstrumentCourse
from outcomes_svc.progress.report import ProgressReport, answers_until, report, visits_of
from outcomes_svc.progress.suggestion import REPORT_EVERY
from outcomes_svc.scoring.score import Score

REPORTED, WITHDRAWN = "reported", "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was last published of one report; `figures` are the event's data but for when it was published.

    `basis` names what the figures were made of: while that is the same, they need not be made again.
    """

    id: str
    patient_id: str
    basis: str
    figures: Mapping[str, Any]

    @property
    def withdrawn(self) -> bool:
        """Whether the report does not hold any more."""
        return bool(self.figures["state"] == WITHDRAWN)


def to_tell(
    episodes: Iterable[Episode],
    sessions: Sequence[TreatedSession],
    scores: Sequence[Score],
    asked: Sequence[Assessment],
    *,
    told: Iterable[Told],
    name: Callable[[str, int], str],
    catalogue: Catalogue,
) -> list[Told]:
    """The reports of a patient's episodes that rest on something new, and those that hold no more.

    Each sixth visit of an episode makes a report. `name` gives a report's id from its episode and number of visits.
    """
    known = {each.id: each for each in told}
    changed = []
    for episode in (each for each in episodes if each.state is not EpisodeState.VOID):
        own = visits_of(episode, sessions)
        for visits in range(REPORT_EVERY, len(own) + 1, REPORT_EVERY):
            id_, basis = name(episode.id, visits), _basis(episode, own, scores, asked, visits)
            before = known.pop(id_, None)
            if before is None or before.basis != basis:
                made = report(episode, own, scores, asked, visits, catalogue)
                figures = figures_of(made, episode.condition)
                changed.append(Told(id=id_, patient_id=episode.patient_id, basis=basis, figures=figures))
    gone = [each for each in known.values() if not each.withdrawn]
    return changed + [replace(each, basis="", figures={**each.figures, "state": WITHDRAWN}) for each in gone]


def _basis(
    episode: Episode,
    own: Sequence[TreatedSession],
    scores: Sequence[Score],
    asked: Sequence[Assessment],
    visits: int,
) -> str:
    """A digest of what a report is made of: visits, scores and requests with their versions, and the instrument."""
    until = answers_until(own, visits)
    digest = sha256(f"{episode.primary}|{episode.condition}|{until}".encode())
    parts = [(each.id, each.version) for each in own[:visits]]
    parts += sorted(
        (each.id, each.version) for each in scores if each.episode_id == episode.id and each.measured_at < until
    )
    parts += sorted((each.id, each.version) for each in asked if each.episode_id == episode.id and each.due_at < until)
    digest.update(repr(parts).encode())
    return digest.hexdigest()


def figures_of(made: ProgressReport, condition: str) -> dict[str, Any]:
    """The data of progress.reported but for its id and time."""
    return {
        "patient_id": made.patient_id,
        "episode_id": made.episode_id,
        "therapist_id": made.therapist_id,
        "state": REPORTED,
        "condition": condition,
        "visits": made.visits,
        "visited_at": [session.ended_at for session in made.sessions],
        "instrument": made.primary_instrument,
        "primary": _measured(made.primary) if made.primary else None,
        "function": [_measured(course) for course in made.function],
        "visits_per_week": made.adherence.visits_per_week,
        "longest_gap_days": made.adherence.longest_gap_days,
        "requested": made.adherence.requested,
        "answered": made.adherence.answered,
        "action": made.suggestion.action.value,
        "reason": made.suggestion.reason.value,
    }


def _measured(course: InstrumentCourse) -> dict[str, Any]:
    current = course.current
    return {
        "instrument": course.instrument.id,
        "instrument_version": course.instrument.version,
        "baseline": course.baseline.value,
        "baseline_at": course.baseline.measured_at,
        "current": current.value,
        "current_at": current.measured_at,
        "change": current.change,
        "judgement": current.judgement.value if current.judgement else None,
        "rule": current.change_rule.value if current.change_rule else None,
        "rci": current.rci,
        **asdict(course.thresholds),
    }
