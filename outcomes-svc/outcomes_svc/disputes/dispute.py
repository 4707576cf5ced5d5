"""A dispute about lines of a pay statement. Pure. open -> upheld, rejected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fascia.problem import Conflict, Gone, RuleViolation
from outcomes_svc.pay.correction import Correction, Ruling
from outcomes_svc.pay.month import Month

OPEN_FOR = timedelta(days=30)
"""A statement may be disputed for 30 days (outcome-pay, step 9)."""


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """`lines` are keys of the statement's lines. `reason` and `explanation` are what people wrote; they rest sealed.

    `difference` is the recalculation that the decision was made on: what each disputed line comes to by what was known
    then. `rulings` fix an amount for a line where the inputs themselves are right.
    """

    id: str
    version: int
    statement_id: str
    therapist_id: str
    month: Month
    lines: tuple[str, ...]
    reason: str
    opened_at: datetime
    state: DisputeState = DisputeState.OPEN
    explanation: str = ""
    decided_at: datetime | None = None
    decided_by: str | None = None
    difference: tuple[Correction, ...] = ()
    rulings: tuple[Ruling, ...] = ()

    def uphold(
        self, by: str, now: datetime, explanation: str, difference: Sequence[Correction], rulings: Sequence[Ruling]
    ) -> Dispute:
        """Agree. Raises Conflict when it is decided already, RuleViolation when nothing would be corrected."""
        self._check_open()
        if not difference and not rulings:
            raise RuleViolation(
                "nothing-to-correct",
                "By what is known now the disputed lines come to the same amounts.",
                "rulings",
                "Amend the session or record the hours first, or send the right amount of a line in rulings.",
            )
        return replace(
            self._decided(DisputeState.UPHELD, by, now, explanation),
            difference=tuple(difference),
            rulings=tuple(rulings),
        )

    def reject(self, by: str, now: datetime, explanation: str, difference: Sequence[Correction]) -> Dispute:
        """Disagree, with a reason that the therapist reads. Raises Conflict."""
        self._check_open()
        return replace(self._decided(DisputeState.REJECTED, by, now, explanation), difference=tuple(difference))

    def _check_open(self) -> None:
        if self.state is not DisputeState.OPEN:
            raise Conflict("dispute-decided", f"This dispute was {self.state} before.")

    def _decided(self, state: DisputeState, by: str, now: datetime, explanation: str) -> Dispute:
        return replace(
            self, state=state, version=self.version + 1, decided_at=now, decided_by=by, explanation=explanation
        )


def check_may_open(issued_at: datetime, lines: Sequence[str], known: Collection[str], now: datetime) -> None:
    """Raise Gone after 30 days, RuleViolation for a line that the statement does not have."""
    if now >= issued_at + OPEN_FOR:
        raise Gone(
            "dispute-window-closed",
            f"This statement could be disputed until {issued_at + OPEN_FOR:%Y-%m-%d %H:%M} UTC.",
            "statement_id",
            "Talk to the practice: what is amended in sessions or hours is still corrected on the next statement.",
        )
    for place, line in enumerate(lines):
        if line not in known:
            fix = "Send the key of a line as it stands in the statement, such as session:ID or outcome."
            raise RuleViolation("no-such-line", f"The statement has no line {line!r}.", f"lines.{place}", fix)
