"""The outcome part: what a therapist's results and the practice's earn on top of base pay. Pure.

Source of formula and gates: outcome-pay, steps 7 and 8. The part is never negative: nobody is paid below base.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from outcomes_svc.pay.money import ZERO, figure, rounded, zero
from outcomes_svc.pay.plan import OutcomePart


class Basis(StrEnum):
    """What the part rests on, or why there is none."""

    ASSESSED = "assessed"
    NO_MODEL = "no_model"
    NO_RESULTS = "no_results"


@dataclass(frozen=True, kw_only=True)
class EpisodeFigures:
    """One episode of the therapist. `change`, `predicted` and `sigma` in points (positive is better), `residual` in
    sigmas, `weight` makes up for those who were lost; None where there is none.

    `outcome` is counted, lost_to_follow_up, instrument_not_in_model or excluded; `excluded` names why.
    """

    episode_id: str
    instrument: str
    instrument_version: str
    opened_on: date
    sessions: tuple[str, ...]
    baseline: Decimal | None
    baseline_score: str | None
    end: Decimal | None
    end_score: str | None
    change: Decimal | None
    predicted: Decimal | None
    sigma: Decimal | None
    residual: Decimal | None
    weight: Decimal | None
    outcome: str
    excluded: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """One gate: what was found, what was needed."""

    name: str
    value: Decimal
    needed: Decimal
    passed: bool


@dataclass(frozen=True, kw_only=True)
class TherapistFigures:
    """The therapist's own: L is `reliability`, vhat is `effect`."""

    episodes: int
    followed_up: int
    follow_up_rate: Decimal
    n_eff: Decimal
    mean_residual: Decimal | None
    reliability: Decimal
    effect: Decimal
    gates: tuple[GateResult, ...]


@dataclass(frozen=True, kw_only=True)
class OutcomeFigures:
    """All that the outcome part of one statement rests on. `practice_effect` is uhat."""

    basis: Basis
    model_version: str | None
    opened_from: date
    opened_until: date
    practice_effect: Decimal
    tau2: Decimal
    sigma2: Decimal
    therapist: TherapistFigures | None
    episodes: tuple[EpisodeFigures, ...]


@dataclass(frozen=True, kw_only=True)
class OutcomeShare:
    """What comes of it. `rate` is m; `amount` is what it is worth, `paid` what of that is paid (nothing in shadow).

    `individual` says whether the therapist's own effect counted; `missed` are the gates that it did not pass.
    """

    individual: bool
    missed: tuple[str, ...]
    practice_part: Decimal
    therapist_part: Decimal
    rate: Decimal
    base: Decimal
    amount: Decimal
    shadow: bool
    paid: Decimal


def share_rate(part: OutcomePart, practice_effect: Decimal, effect: Decimal) -> Decimal:
    """m = clip(max_share * (w_p * u + w_t * v) / full_effect, 0, max_share), to six places.

    From the two parts as they stand on the statement, so that what is shown is what a reader comes to.
    """
    weighted = figure(part.practice_weight * practice_effect) + figure(part.therapist_weight * effect)
    return figure(min(max(part.max_share * weighted / part.full_effect, ZERO), part.max_share))


def outcome_share(
    figures: OutcomeFigures, part: OutcomePart, base: Decimal, currency: str, *, shadow: bool
) -> OutcomeShare:
    """The outcome part of a statement whose sessions come to `base`."""
    missed = missed_gates(figures.therapist)
    individual = figures.basis is Basis.ASSESSED and not missed
    effect = figures.therapist.effect if individual and figures.therapist else ZERO
    practice = figures.practice_effect if figures.basis is Basis.ASSESSED else ZERO
    rate = share_rate(part, practice, effect)
    amount = rounded(base * rate, currency)
    return OutcomeShare(
        individual=individual,
        missed=missed,
        practice_part=figure(part.practice_weight * practice),
        therapist_part=figure(part.therapist_weight * effect),
        rate=rate,
        base=base,
        amount=amount,
        shadow=shadow,
        paid=zero(currency) if shadow else amount,
    )


def missed_gates(therapist: TherapistFigures | None) -> tuple[str, ...]:
    """The names of the gates that the therapist's results do not pass."""
    if therapist is None:
        return ("no_episodes",)
    return tuple(gate.name for gate in therapist.gates if not gate.passed)
