"""What a patient's episodes came to, for the patient and those who treat them. Pure.

Scores only, never answers: a single answer can say more than its patient wants others to read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.results.plain_words import Reading, plain_words, topic_words
from outcomes_svc.results.topics import Topic, topic_of
from outcomes_svc.scoring.score import Score, ScoreState

RELIABLE = 1.96 * math.sqrt(2)
"""A change is reliable from so many standard errors of one score on (Jacobson and Truax 1991)."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who is told: in which language, and where their days begin (IANA zone)."""

    language: str
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The scores of one instrument in one episode, in order of time."""

    instrument: Instrument
    primary: bool
    topic: Topic
    heading: str
    scores: tuple[Score, ...]
    readings: tuple[Reading, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PatientEpisode:
    """One episode; the primary instrument comes first."""

    episode: Episode
    began: date
    measured: tuple[Measured, ...]


def patient_results(
    episodes: Iterable[Episode], scores: Iterable[Score], catalogue: Catalogue, reader: Reader
) -> tuple[PatientEpisode, ...]:
    """A patient's episodes, the newest first; void ones are left out, and so is what could not be scored."""
    known = [score for score in scores if score.state is ScoreState.SCORED and score.value is not None]
    lasting = [episode for episode in episodes if episode.state is not EpisodeState.VOID]
    return tuple(
        PatientEpisode(
            episode=episode,
            began=_day(episode.opened_at, reader),
            measured=_measured(episode, known, catalogue, reader),
        )
        for episode in sorted(lasting, key=lambda episode: (episode.opened_at, episode.id), reverse=True)
    )


def _measured(episode: Episode, scores: Iterable[Score], catalogue: Catalogue, reader: Reader) -> tuple[Measured, ...]:
    by_instrument: dict[tuple[str, str], list[Score]] = {}
    for score in sorted(scores, key=lambda score: (score.measured_at, score.id)):
        if score.episode_id == episode.id:
            by_instrument.setdefault((score.instrument, score.instrument_version or ""), []).append(score)
    primary = episode.primary.instrument, episode.primary.version
    ordered = sorted(by_instrument.items(), key=lambda each: (each[0] != primary, each[0]))
    return tuple(
        _of_instrument(instrument, key == primary, own, reader)
        for key, own in ordered
        if (instrument := catalogue.find(*key)) is not None
    )


def _of_instrument(instrument: Instrument, primary: bool, scores: list[Score], reader: Reader) -> Measured:
    readings = tuple(
        Reading(day=_day(score.measured_at, reader), value=score.value, judgement=score.judgement)
        for score in scores
        if score.value is not None
    )
    topic = topic_of(instrument)
    return Measured(
        instrument=instrument,
        primary=primary,
        topic=topic,
        heading=topic_words(topic, reader.language),
        scores=tuple(scores),
        readings=readings,
        words=plain_words(readings, instrument, reader.language),
    )


def _day(at: datetime, reader: Reader) -> date:
    return at.astimezone(ZoneInfo(reader.time_zone)).date()


def important_from(measured: Measured) -> float | None:
    """The score from which on the change since the first one matters and is more than measurement error, or None.

    The line of the chart: each score is judged for itself, with its own standard error where that is known, so a score
    close to the line may be judged otherwise than its place says.
    """
    mic, readings = measured.instrument.mic, measured.readings
    if mic is None or not readings:
        return None
    start = readings[0].value
    sizes = [float(mic.absolute)]
    if mic.relative is not None:
        sizes.append(float(mic.relative) * start)
    return start + measured.instrument.better.sign * max(min(sizes), _noise(measured))


def _noise(measured: Measured) -> float:
    """The change that is more than measurement error, in points; 0 where no source gives one."""
    error = measured.scores[0].standard_error
    if error is not None:
        return RELIABLE * error
    mdc = measured.instrument.mdc
    return float(mdc.score) if mdc else 0.0
