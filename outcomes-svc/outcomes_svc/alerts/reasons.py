"""Which scores a person must look at, and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from outcomes_svc.alerts.alert import AlertKind
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.scoring.score import Score, ScoreState
from outcomes_svc.scoring.signals import in_order, signals

RECENT = timedelta(days=14)
"""How old a deterioration may be to alert somebody; an older one shows in the patient's progress."""

Find = Callable[[str, str], Instrument | None]
"""The instrument of an id and a version."""


def alarming(instrument: Instrument, answers: Mapping[str, object]) -> bool:
    """Whether an answer is one that a person must see at once (PHQ-9: item 9 above zero).

    It does not matter whether the answers as a whole can be scored. What is no number alarms nobody: it says nothing.
    """
    return any(
        item.alert_above is not None and _above(answers.get(item.code), item.alert_above) for item in instrument.items
    )


def reasons(changed: Iterable[Score], current: Sequence[Score], find: Find) -> dict[tuple[str, AlertKind], bool]:
    """For each score that changed and each kind, whether it is a reason to alert now.

    `current` are all scores of the patient. Deterioration is judged as of the score, by those of its episode and
    instrument up to it, so that a better score later takes nothing back; but it is raised for the latest one alone:
    what arrives late and was overtaken since is no news.
    """
    found: dict[tuple[str, AlertKind], bool] = {}
    for score in changed:
        instrument = find(score.instrument, score.instrument_version or "")
        if instrument is not None:
            stands = score.state is not ScoreState.WITHDRAWN
            found[score.id, AlertKind.SELF_HARM] = stands and alarming(instrument, score.answers)
            found[score.id, AlertKind.DETERIORATION] = _deteriorated(score, current, instrument)
    return found


def is_news(score: Score, current: Iterable[Score], find: Find, now: datetime) -> bool:
    """Whether the score is recent and no later one of its episode and instrument is known.

    Old answers can be scored for the first time: a session that comes late, a licence that is recorded now.
    """
    if now - score.measured_at > RECENT:
        return False
    instrument = find(score.instrument, score.instrument_version or "")
    course = _course(score, current, instrument) if instrument else []
    return bool(course) and course[-1].id == score.id


def _deteriorated(score: Score, current: Iterable[Score], instrument: Instrument) -> bool:
    course = _course(score, current, instrument)
    place = next((place for place, kept in enumerate(course) if kept.id == score.id), None)
    if place is None:
        return False
    found = signals(course[: place + 1], instrument).deterioration
    return found is not None and found.latest == score.id


def _course(score: Score, current: Iterable[Score], instrument: Instrument) -> list[Score]:
    return in_order((kept for kept in current if kept.episode_id == score.episode_id), instrument)


def _above(answer: object, limit: int) -> bool:
    return isinstance(answer, int | float) and not isinstance(answer, bool) and answer > limit
