"""How many of the questions that were asked were answered. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from outcomes_svc.assessments.assessment import Assessment, AssessmentState


@dataclass(frozen=True)
class ResponseRate:
    """Counts of requests. `by_patient` are the answered ones that the patient gave, `waiting` those still open.

    `rate` is the share that the patient answered of those that are decided, answered or expired; None without any.
    """

    asked: int
    answered: int
    by_patient: int
    expired: int
    waiting: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1: requests that are still open count neither way."""
        decided = self.answered + self.expired
        return round(self.by_patient / decided, 4) if decided else None


def response_rate(asked: Iterable[Assessment], now: datetime) -> ResponseRate:
    """The rate of some requests as it stands at `now`."""
    listed = list(asked)
    states = [assessment.state(now) for assessment in listed]
    return ResponseRate(
        asked=len(listed),
        answered=states.count(AssessmentState.ANSWERED),
        by_patient=sum(each.answered_at is not None and not each.handed_over for each in listed),
        expired=states.count(AssessmentState.EXPIRED),
        waiting=states.count(AssessmentState.REQUESTED),
    )


def rates_by(
    asked: Iterable[Assessment], key: Callable[[Assessment], str | None], now: datetime
) -> dict[str, ResponseRate]:
    """The rate of each group, by what `key` says of a request; requests without a key are left out."""
    groups: dict[str, list[Assessment]] = {}
    for assessment in asked:
        group = key(assessment)
        if group is not None:
            groups.setdefault(group, []).append(assessment)
    return {name: response_rate(group, now) for name, group in sorted(groups.items())}
