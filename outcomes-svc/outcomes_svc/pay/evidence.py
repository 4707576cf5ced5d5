"""From a practice's assessed episodes to the figures that one therapist's statement shows and rests on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from outcomes_svc.pay.money import ZERO, figure
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import Gates, OutcomePart
from outcomes_svc.pay.share import Basis, EpisodeFigures, GateResult, OutcomeFigures, TherapistFigures
from outcomes_svc.performance.gates import GatePolicy
from outcomes_svc.performance.performance import (
    EpisodeResidual,
    PracticePerformance,
    TherapistPerformance,
    assess,
)
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.results.episode_result import EpisodeResult, Exclusion

EXCLUDED = "excluded"
NEVER_PAID = frozenset({"PHQ-9", "ROM", "PGIC"})
"""Whatever the data of instruments says: an answer about self-harm, a range that the therapist measures and a patient's
thank-you are no ground for pay. The results feature leaves them out too; money gets a lock of its own."""


def window(month: Month, part: OutcomePart) -> tuple[date, date]:
    """The first day on which an episode of a month's window opened, and the first day after it.

    It ends `settled_days` before the month does, so that every end score that can come has come.
    """
    until = month.plus(1).first_day - timedelta(days=part.settled_days)
    months = until.year * 12 + until.month - 1 - part.window_months
    year, index = divmod(months, 12)
    return _same_day(year, index + 1, until.day), until


def payable(results: Sequence[EpisodeResult]) -> list[EpisodeResult]:
    """The results with those of instruments that are never paid excluded by name."""
    return [
        replace(result, excluded=(*result.excluded, Exclusion.INSTRUMENT_NEVER_PAID))
        if result.instrument in NEVER_PAID and Exclusion.INSTRUMENT_NEVER_PAID not in result.excluded
        else result
        for result in results
    ]


def assessed(
    results: Sequence[EpisodeResult], model: PredictionModel | None, gates: Gates
) -> PracticePerformance | None:
    """The practice's results, judged with the plan's gates; None without a model or without an episode that counts."""
    if model is None or not any(result.counts for result in results):
        return None
    policy = GatePolicy(
        n_eff=float(gates.n_eff), reliability=float(gates.reliability), follow_up=float(gates.follow_up)
    )
    return assess(results, model, policy)


def figures_of(
    therapist_id: str,
    results: Sequence[EpisodeResult],
    performance: PracticePerformance | None,
    opened: tuple[date, date],
    day_of: Callable[[EpisodeResult], date],
    *,
    has_model: bool,
) -> OutcomeFigures:
    """What one therapist's statement says of results: the practice's figures, the own ones, every own episode."""
    residuals = {found.episode_id: found for found in performance.residuals} if performance else {}
    own = [result for result in results if result.therapist_id == therapist_id]
    episodes = [_episode(result, residuals.get(result.episode_id), day_of(result)) for result in own]
    therapists = {found.therapist_id: found for found in performance.therapists} if performance else {}
    mine = therapists.get(therapist_id)
    return OutcomeFigures(
        basis=Basis.ASSESSED if performance else Basis.NO_RESULTS if has_model else Basis.NO_MODEL,
        model_version=performance.model_version if performance else None,
        opened_from=opened[0],
        opened_until=opened[1],
        practice_effect=figure(performance.effect) if performance else figure(ZERO),
        tau2=figure(performance.tau2) if performance else figure(ZERO),
        sigma2=figure(performance.sigma2) if performance else figure(ZERO),
        therapist=_therapist(mine) if mine else None,
        episodes=tuple(sorted(episodes, key=lambda found: (found.opened_on, found.episode_id))),
    )


def _episode(result: EpisodeResult, found: EpisodeResidual | None, opened_on: date) -> EpisodeFigures:
    return EpisodeFigures(
        episode_id=result.episode_id,
        instrument=result.instrument,
        instrument_version=result.instrument_version,
        opened_on=opened_on,
        sessions=tuple(result.session_ids),
        baseline=_figure(result.baseline),
        baseline_score=result.baseline_score_id,
        end=_figure(result.end),
        end_score=result.end_score_id,
        change=_figure(result.change),
        predicted=_figure(found.predicted) if found else None,
        sigma=_figure(found.sigma) if found else None,
        residual=_figure(found.residual) if found else None,
        weight=_figure(found.weight) if found else None,
        outcome=found.outcome if found else EXCLUDED if result.excluded else "not_assessed",
        excluded=tuple(str(reason) for reason in result.excluded),
    )


def _therapist(mine: TherapistPerformance) -> TherapistFigures:
    return TherapistFigures(
        episodes=mine.episodes,
        followed_up=mine.followed_up,
        follow_up_rate=figure(mine.follow_up_rate),
        n_eff=figure(mine.n_eff),
        mean_residual=_figure(mine.mean_residual),
        reliability=figure(mine.reliability),
        effect=figure(mine.effect),
        gates=tuple(
            GateResult(name=gate.name, value=figure(gate.value), needed=figure(gate.needed), passed=gate.passed)
            for gate in mine.gates
        ),
    )


def _figure(value: float | None) -> Decimal | None:
    return None if value is None else figure(value)


def _same_day(year: int, month: int, day: int) -> date:
    """The day of another month; its last one where it is shorter."""
    for candidate in range(day, 27, -1):
        try:
            return date(year, month, candidate)
        except ValueError:
            continue
    return date(year, month, min(day, 27))
