"""What a plan's outcome part would have paid for episodes that are over. Pure.

The model is the one that was frozen for the year before, or, where none was, one fitted on the twelve months before the
first day: so no episode is judged by a model that was fitted on itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from fascia.problem import RuleViolation
from outcomes_svc.pay.evidence import assessed
from outcomes_svc.pay.money import ZERO, rounded
from outcomes_svc.pay.plan import OutcomePart, PayPlan
from outcomes_svc.pay.share import share_rate
from outcomes_svc.performance.gates import Gate
from outcomes_svc.performance.performance import TherapistPerformance
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.results.episode_result import EpisodeResult

LONGEST_DAYS = 366


class ModelSource(StrEnum):
    """Where the model of a simulation came from."""

    FROZEN = "frozen"
    FITTED_FOR_THIS = "fitted_for_this"


@dataclass(frozen=True, kw_only=True)
class SimulatedTherapist:
    """What one therapist would have got: `rate` of base pay, and `amount` of money where rates are known.

    `practice_rate` is what the practice's share alone gives; the rest of `rate` is the therapist's own.
    """

    therapist_id: str
    episodes: int
    followed_up: int
    n_eff: float
    mean_residual: float | None
    reliability: float
    effect: float
    qualifies: bool
    gates: tuple[Gate, ...]
    practice_rate: Decimal
    rate: Decimal
    base: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, kw_only=True)
class PastPay:
    """What a plan would have paid for the episodes that opened in a span. `excluded` counts episodes by reason."""

    opened_from: date
    opened_until: date
    model_version: str
    model_source: ModelSource
    model_year: int
    practice_effect: float
    standard_error: float
    tau2: float
    sigma2: float
    currency: str | None
    therapists: tuple[SimulatedTherapist, ...]
    excluded: Mapping[str, int]


def check_span(opened_from: date, opened_until: date) -> None:
    """Raise RuleViolation unless the span is some days and at most a year."""
    days = (opened_until - opened_from).days
    if not 0 < days <= LONGEST_DAYS:
        raise RuleViolation(
            "span-out-of-bounds",
            f"From {opened_from} until {opened_until} is not between one day and one year.",
            field="until",
            fix="Send a day after `from`, at most a year later; the day itself is not among them.",
        )


def past_pay(
    results: Sequence[EpisodeResult],
    model: PredictionModel,
    source: ModelSource,
    part: OutcomePart,
    span: tuple[date, date],
    base: Mapping[str, Decimal] | None,
    currency: str | None,
) -> PastPay:
    """Judge the episodes and pay them; `base` is each therapist's base pay in the span, None without a plan's rates.

    Raises RuleViolation where no episode counts.
    """
    performance = assessed(results, model, part.gates)
    if performance is None:
        raise RuleViolation(
            "no-episodes",
            f"No episode that opened from {span[0]} until {span[1]} counts for results.",
            field="from",
            fix="Name a span in which patients finished treatment.",
        )
    effect = Decimal(repr(performance.effect))
    therapists = tuple(_therapist(found, effect, part, base, currency) for found in performance.therapists)
    return PastPay(
        opened_from=span[0],
        opened_until=span[1],
        model_version=model.version,
        model_source=source,
        model_year=model.year,
        practice_effect=performance.effect,
        standard_error=performance.standard_error,
        tau2=performance.tau2,
        sigma2=performance.sigma2,
        currency=currency,
        therapists=therapists,
        excluded=_reasons(results),
    )


def base_of(pay: Mapping[str, Sequence[Decimal]], plan: PayPlan) -> dict[str, Decimal]:
    """Base pay per therapist from the amounts of their sessions."""
    return {therapist: sum(amounts, rounded(ZERO, plan.currency)) for therapist, amounts in pay.items()}


def _therapist(
    found: TherapistPerformance,
    practice: Decimal,
    part: OutcomePart,
    base: Mapping[str, Decimal] | None,
    currency: str | None,
) -> SimulatedTherapist:
    own = Decimal(repr(found.effect)) if found.qualifies else ZERO
    rate = share_rate(part, practice, own)
    paid = None if base is None or currency is None else base.get(found.therapist_id, rounded(ZERO, currency))
    return SimulatedTherapist(
        therapist_id=found.therapist_id,
        episodes=found.episodes,
        followed_up=found.followed_up,
        n_eff=found.n_eff,
        mean_residual=found.mean_residual,
        reliability=found.reliability,
        effect=found.effect,
        qualifies=found.qualifies,
        gates=found.gates,
        practice_rate=share_rate(part, practice, ZERO),
        rate=rate,
        base=paid,
        amount=None if paid is None or currency is None else rounded(paid * rate, currency),
    )


def _reasons(results: Sequence[EpisodeResult]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for result in results:
        for reason in result.excluded:
            counts[str(reason)] = counts.get(str(reason), 0) + 1
    return dict(sorted(counts.items()))
