"""A flag: something that a person should look at, and what that person found. Pure. open -> dismissed, confirmed.

A flag is about figures, not about somebody's intentions, and nothing follows from it by itself: what a person confirms
is acted on by people (talk, an amended session, another evaluator), never by the computation of pay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from fascia.problem import Conflict, Forbidden
from outcomes_svc.gaming import words
from outcomes_svc.gaming.finding import EvidenceRow, Finding


class FlagState(StrEnum):
    """Where a flag stands. `confirmed`: the figures have no other explanation that the reviewer could find."""

    OPEN = "open"
    DISMISSED = "dismissed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, kw_only=True)
class GamingFlag:
    """`finding` is what was last seen of the period, `first` to `last` day of opening of its episodes.

    `model_version` is the prediction model's that difficulty was told by, None without one. `note` is what the reviewer
    wrote; it rests sealed.
    """

    id: str
    version: int
    finding: Finding
    first: date
    last: date
    model_version: str | None
    raised_at: datetime
    seen_at: datetime
    state: FlagState = FlagState.OPEN
    note: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def evidence(self) -> list[tuple[EvidenceRow, str]]:
        """The cases, each with its words."""
        return [(row, words.row_words(self.finding.sign, row)) for row in self.finding.evidence]

    @property
    def summary(self) -> str:
        """What was seen, how usual it is, what may explain it."""
        told = (words.seen(self.finding), words.chance(self.finding), words.may_explain(self.finding.sign))
        return " ".join((*told, words.CLOSING))

    def seen_again(self, finding: Finding, model_version: str | None, now: datetime) -> GamingFlag:
        """With newer figures; a flag that was decided stays what the decision was made on."""
        if self.state is not FlagState.OPEN:
            return self
        return replace(self, version=self.version + 1, finding=finding, model_version=model_version, seen_at=now)

    def decided(self, state: FlagState, by: str, note: str, now: datetime) -> GamingFlag:
        """What a person found. Raises Conflict when it was decided before, Forbidden to whom it is about."""
        if by == self.finding.therapist_id:
            raise Forbidden("own-flag", "Nobody decides about a flag on their own figures.")
        if self.state is not FlagState.OPEN:
            raise Conflict("flag-decided", f"This flag was {self.state} before.")
        return replace(self, version=self.version + 1, state=state, note=note, decided_by=by, decided_at=now)
