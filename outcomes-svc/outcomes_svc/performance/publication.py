"""A prediction model in its frozen form, and when one may be made. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fascia.problem import Conflict, RuleViolation
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.performance.words import ExpectedChange, Term, baseline_curve, terms

SETTLED = timedelta(days=180)
"""By then the last end score that an episode can have has come (docs/performance-model.md, step 1)."""
EARLIEST = 2000


@dataclass(frozen=True, kw_only=True)
class FrozenModel:
    """A model that was published. It never changes: statements refer to it by its version."""

    model: PredictionModel
    frozen_at: datetime
    frozen_by: str

    @property
    def terms(self) -> list[Term]:
        """Its coefficients in words."""
        return terms(self.model)

    @property
    def baseline_curve(self) -> list[ExpectedChange]:
        """What it expects at which baseline."""
        return baseline_curve(self.model)

    @property
    def document(self) -> dict[str, Any]:
        """All of it: with this anybody can compute a prediction again."""
        return self.model.to_document()


def span_of(year: int) -> tuple[date, date]:
    """The first day on which an episode of a year opens, and the first day after the last."""
    return date(year, 1, 1), date(year + 1, 1, 1)


def check_may_freeze(year: int, already: FrozenModel | None, now: datetime) -> None:
    """Raise Conflict where the year has its model, RuleViolation while its last end scores are still to come."""
    if already is not None:
        raise frozen(year)
    settled = datetime(year + 1, 1, 1, tzinfo=UTC) + SETTLED
    if year < EARLIEST or now < settled:
        raise RuleViolation(
            "year-not-settled",
            f"End scores of episodes that began in {year} come until {settled.date()};"
            " a model fitted before would learn from the short episodes alone.",
            field="year",
            fix=f"Ask again on {settled.date()} or later, or name an earlier year.",
        )


def frozen(year: int) -> Conflict:
    """The answer to whoever wants to change or replace a model."""
    return Conflict(
        "prediction-model-frozen",
        f"The prediction model of {year} is frozen: pay statements rest on it.",
        field="year",
        fix="A later year gets a model of its own; this one stays as it is.",
    )
