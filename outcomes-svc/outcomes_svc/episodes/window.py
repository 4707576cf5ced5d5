"""Which scores an episode is judged by: its baseline, its mid-course score and its end. Pure.

Every window is counted from visit 1, the end of the episode's first session, which nobody can move afterwards. Only the
patient's own answers to the episode's primary instrument, in the version that was locked, are looked at: what staff
took down in an evaluation or a session is shown to clinicians and decides nothing here.

- Baseline: from 7 days before to 24 hours after visit 1 (outcome-pay, step 1). Of several the first: once given, a
  baseline cannot be replaced by one that leaves more room for improvement.
- End: 21 to 180 days after visit 1. Of several the one closest to day 84, of two that are equally close the later.
  The last score, or the last before discharge, would let whoever discharges choose the end: treat until a good day and
  close. Day 84 is fixed before the first visit, requests go on by the calendar after a discharge, and an answer that
  comes at a peak on day 30 gives way to the one on day 84. That day, near the middle of the window, is a choice of
  this project.
- Mid-course: the last own score between baseline and day 21, which tells how an episode went that has no end.

An episode that was discharged and taken up again is one episode (see episode.py), so splitting it moves no window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from outcomes_svc.episodes.answered_by import AnsweredBy
from outcomes_svc.episodes.episode import Episode
from outcomes_svc.results.episode_result import Exclusion
from outcomes_svc.scoring.score import Score, ScoreState

BASELINE_BEFORE = timedelta(days=7)
BASELINE_AFTER = timedelta(hours=24)
END_FROM = timedelta(days=21)
END_TARGET = timedelta(days=84)
END_UNTIL = timedelta(days=180)


@dataclass(frozen=True)
class Baseline:
    """The score that an episode starts from, or why there is none: exactly one of the two."""

    score: Score | None
    excluded: Exclusion | None


def baseline_of(episode: Episode, scores: Iterable[Score]) -> Baseline:
    """The baseline among an episode's scores.

    The reasons, most telling first: the patient answered, but earlier or later than the window (before the window of
    the end); staff took the measure and the patient did not; nothing is there.
    """
    primary = _primary_scores(episode, scores)
    own = [score for score in primary if is_own(score)]
    first = next((score for score in own if in_baseline_window(episode.opened_at, score.measured_at)), None)
    if first is not None:
        return Baseline(first, None)
    if any(score.measured_at < episode.opened_at + END_FROM for score in own):
        return Baseline(None, Exclusion.BASELINE_OUTSIDE_WINDOW)
    if any(in_baseline_window(episode.opened_at, score.measured_at) for score in primary):
        return Baseline(None, Exclusion.BASELINE_NOT_BY_PATIENT)
    return Baseline(None, Exclusion.NO_BASELINE)


def mid_course_of(episode: Episode, scores: Iterable[Score]) -> Score | None:
    """The last own score after the baseline and before the window of the end opens."""
    primary = _primary_scores(episode, scores)
    baseline = baseline_of(episode, primary).score
    since = baseline.measured_at if baseline else episode.opened_at + BASELINE_AFTER
    until = episode.opened_at + END_FROM
    found = [score for score in primary if is_own(score) and since < score.measured_at < until]
    return found[-1] if found else None


def end_of(episode: Episode, scores: Iterable[Score]) -> Score | None:
    """The end among an episode's scores, as far as it is known; `end_decided_at` says from when on it stays so."""
    target = episode.opened_at + END_TARGET
    found = [
        score
        for score in _primary_scores(episode, scores)
        if is_own(score) and END_FROM <= score.measured_at - episode.opened_at <= END_UNTIL
    ]
    # Scores are in order of time: reversed, min() takes the later of two that are equally close.
    return min(reversed(found), key=lambda score: abs(score.measured_at - target), default=None)


def end_decided_at(episode: Episode, end: Score | None) -> datetime:
    """From when on no answer that may still come can be the end instead of `end` (None: while there is none)."""
    latest = episode.opened_at + END_UNTIL
    if end is None:
        return latest
    target = episode.opened_at + END_TARGET
    return min(target + abs(end.measured_at - target), latest)


def in_baseline_window(visit: datetime, at: datetime) -> bool:
    """Whether an answer at `at` may be the baseline of an episode whose visit 1 was, or will be, at `visit`."""
    return visit - BASELINE_BEFORE <= at <= visit + BASELINE_AFTER


def is_own(score: Score) -> bool:
    """Whether the patient gave the answers, and nobody for them."""
    return score.answered_by is AnsweredBy.PATIENT


def _primary_scores(episode: Episode, scores: Iterable[Score]) -> list[Score]:
    """The scored ones of the primary instrument as it was locked, in order of time."""
    primary = episode.primary
    fitting = [
        score
        for score in scores
        if score.episode_id == episode.id
        and score.state is ScoreState.SCORED
        and (score.instrument, score.instrument_version) == (primary.instrument, primary.version)
    ]
    return sorted(fitting, key=lambda score: (score.measured_at, score.id))
