"""Use cases: what a practice, a location or a therapist achieved in a period, and how groups compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.results.breakdown import ALL, By, Cell, Shown, group_of, shown_groups
from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.results.funnel import Funnel, Measure, funnel
from outcomes_svc.results.period import Period
from outcomes_svc.results.published_models import model_for
from outcomes_svc.results.residuals import Residuals, residuals_of
from outcomes_svc.results.store import episode_results
from outcomes_svc.results.summary import Completeness, Summary, completeness, summary


@dataclass(frozen=True, kw_only=True)
class PeriodResults:
    """All episodes of a practice that opened in a period, and what may be shown of them."""

    period: Period
    now: datetime
    results: tuple[EpisodeResult, ...]
    shown: Shown
    residuals: Residuals

    def of(self, cell: Cell) -> Sequence[EpisodeResult]:
        """The episodes of a group."""
        return [
            result
            for result in self.results
            if group_of(result, cell.by) == cell.group
            and cell.condition in (ALL, result.condition)
            and cell.instrument in (ALL, result.instrument)
        ]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A funnel with the completeness of what it shows; `funnel` is None where there is nothing to compare."""

    by: By
    measure: Measure
    completeness: Completeness
    funnel: Funnel | None

    def seen_as(self, funnel: Funnel | None) -> Comparison:
        """With the funnel as its reader may see it."""
        return replace(self, funnel=funnel)


def results_of(uow: UnitOfWork, period: Period) -> PeriodResults:
    """Everything that is known of a period."""
    results = tuple(episode_results(uow, opened_from=period.first, opened_until=period.until))
    return PeriodResults(
        period=period,
        now=uow.now,
        results=results,
        shown=shown_groups(results),
        residuals=residuals_of(results, lambda year: model_for(uow, year)),
    )


def summary_of(found: PeriodResults, cell: Cell) -> Summary:
    """The figures of a group."""
    return summary(cell, found.of(cell), found.residuals.by_episode, found.shown, found.now)


def comparison_of(found: PeriodResults, by: By, measure: Measure | None, whole: Cell) -> Comparison:
    """The groups of a practice beside each other: by residuals where a model is published, else by improvement."""
    chosen = measure or (Measure.RESIDUAL if found.residuals.models else Measure.IMPROVED)
    results = found.of(whole)
    drawn = funnel(results, found.residuals.by_episode, found.shown, by=by, measure=chosen, whole=whole)
    return Comparison(by=by, measure=chosen, completeness=completeness(results, found.now), funnel=drawn)
