"""What the figures suggest: go on, evaluate anew, discharge, or refer back. Pure.

A suggestion names its reason and the figures that it rests on. A person decides; nothing follows from it by itself.

The marks of 6 visits and 1 month are those of WAC 296-23-250: a report is due then, and treatment beyond 6 visits needs
functional improvement. 12 visits, the second report without improvement, is a choice of this project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum

from outcomes_svc.progress.course import InstrumentCourse
from outcomes_svc.scoring.change import Judgement

REPORT_EVERY = 6
REPORT_AFTER = timedelta(days=30)
REFER_BACK_AFTER = 2 * REPORT_EVERY

Figures = Mapping[str, float | int | str | None]


class Action(StrEnum):
    """What to consider."""

    CONTINUE = "continue"
    RE_EVALUATE = "re_evaluate"
    DISCHARGE = "discharge"
    REFER_BACK = "refer_back"


class Reason(StrEnum):
    """Why."""

    WORSE_TWICE = "worse_twice"
    SHARPLY_WORSE = "sharply_worse"
    NO_IMPROVEMENT_AFTER_12_VISITS = "no_improvement_after_12_visits"
    IMPROVED_AND_STABLE = "improved_and_stable"
    STANDS_STILL = "stands_still"
    NOT_MEASURED = "not_measured"
    NO_IMPROVEMENT_YET = "no_improvement_yet"
    IMPROVING = "improving"
    TOO_EARLY = "too_early"


_ACTIONS = {
    Reason.WORSE_TWICE: Action.REFER_BACK,
    Reason.SHARPLY_WORSE: Action.RE_EVALUATE,
    Reason.NO_IMPROVEMENT_AFTER_12_VISITS: Action.REFER_BACK,
    Reason.IMPROVED_AND_STABLE: Action.DISCHARGE,
    Reason.STANDS_STILL: Action.RE_EVALUATE,
    Reason.NOT_MEASURED: Action.RE_EVALUATE,
    Reason.NO_IMPROVEMENT_YET: Action.RE_EVALUATE,
    Reason.IMPROVING: Action.CONTINUE,
    Reason.TOO_EARLY: Action.CONTINUE,
}
_TEXTS = {
    Reason.WORSE_TWICE: "The last two scores are both worse than the baseline by more than measurement error.",
    Reason.SHARPLY_WORSE: "The last score is worse than {against} by more than measurement error and by what matters.",
    Reason.NO_IMPROVEMENT_AFTER_12_VISITS: "After {visits} visits there is no improvement that can be told from error.",
    Reason.IMPROVED_AND_STABLE: "There is an important improvement, and for {plateau_weeks} weeks nothing moves.",
    Reason.STANDS_STILL: "There is no important improvement, and for {plateau_weeks} weeks nothing moves.",
    Reason.NOT_MEASURED: "After {visits} visits there are no two scores that can be compared.",
    Reason.NO_IMPROVEMENT_YET: "After {visits} visits in {weeks} weeks there is no important improvement.",
    Reason.IMPROVING: "There is an important improvement, and it is not known to have stopped.",
    Reason.TOO_EARLY: "After {visits} visits in {weeks} weeks it is too early to tell.",
}


@dataclass(frozen=True)
class Suggestion:
    """What to consider, why, in words, and the figures behind it (points of the instrument, weeks, visits)."""

    action: Action
    reason: Reason
    text: str
    figures: Figures


def suggest(course: InstrumentCourse | None, visits: int, treated_for: timedelta) -> Suggestion:
    """The suggestion after `visits` visits; `course` is of the episode's primary instrument, None if unmeasured."""
    figures = _figures(course, visits, treated_for)
    reason = _reason(course, visits, treated_for)
    return Suggestion(_ACTIONS[reason], reason, _TEXTS[reason].format(**figures), figures)


def _reason(course: InstrumentCourse | None, visits: int, treated_for: timedelta) -> Reason:
    comparable = course is not None and course.current.judgement not in (
        Judgement.BASELINE,
        Judgement.NOT_COMPARABLE,
    )
    due = visits >= REPORT_EVERY or treated_for >= REPORT_AFTER
    if course is None or not comparable:
        return Reason.NOT_MEASURED if due else Reason.TOO_EARLY
    improved = course.current.judgement is Judgement.IMPROVED
    if course.signals.deterioration is not None:
        return Reason.WORSE_TWICE if _worse_twice(course) else Reason.SHARPLY_WORSE
    if improved:
        return Reason.IMPROVED_AND_STABLE if course.signals.plateau else Reason.IMPROVING
    if visits >= REFER_BACK_AFTER:
        return Reason.NO_IMPROVEMENT_AFTER_12_VISITS
    if course.signals.plateau:
        return Reason.STANDS_STILL
    return Reason.NO_IMPROVEMENT_YET if due else Reason.TOO_EARLY


def _worse_twice(course: InstrumentCourse) -> bool:
    return [score.judgement for score in course.scores[-2:]] == [Judgement.WORSE, Judgement.WORSE]


def _figures(course: InstrumentCourse | None, visits: int, treated_for: timedelta) -> Figures:
    figures: dict[str, float | int | str | None] = {
        "visits": visits,
        "weeks": round(treated_for / timedelta(weeks=1), 1),
        "scores": len(course.scores) if course else 0,
    }
    if course is None:
        return figures
    trend = course.signals.trend
    figures |= {
        "change": course.current.change,
        **asdict(course.thresholds),
        "rci": course.current.rci,
        "slope_per_week": round(trend.per_week, 4) if trend else None,
        "slope_low": round(trend.low, 4) if trend else None,
        "slope_high": round(trend.high, 4) if trend else None,
    }
    if plateau := course.signals.plateau:
        figures |= {
            "plateau_weeks": round(plateau.run.weeks, 1),
            "plateau_scores": plateau.run.scores,
            "last_change": round(float(plateau.last_change), 2),
            "noise": round(float(plateau.noise), 2),
            "noise_from": plateau.noise_from,
        }
    if worse := course.signals.deterioration:
        figures |= {
            "against": "the baseline" if worse.against == "baseline" else "the best score so far",
            "fell_by": round(-float(worse.change.value or 0), 2),
        }
    return figures
