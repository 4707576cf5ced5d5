"""What must hold before a therapist's own results touch their pay. Pure.

Small numbers, unreliable figures and results that only the happy patients reported must not move money: a therapist who
misses a gate gets the practice's share alone. Steps 6 and 7 of the method in docs/performance-model.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GatePolicy:
    """The limits; a practice's pay plan sets them, they are no findings.

    `n_eff` in episodes, `reliability` and `follow_up` as shares, `missing_percentile` the percentile of the practice's
    residuals that every missing one is set to when asking whether the sign survives.
    """

    n_eff: float = 30.0
    reliability: float = 0.5
    follow_up: float = 0.7
    missing_percentile: float = 25.0


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One gate: what was found, what was needed, and whether it was reached.

    For the gate `sign` the value is the distance of the therapist's mean from the practice's with every missing
    residual set low, in the direction of the effect; it must stay above 0.
    """

    name: str
    value: float
    needed: float
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the gates look at, for one therapist.

    `followed_up` and `missing` in episodes, `total` the sum of the residuals of who was followed up; `low` is the
    residual that every missing one is set to, `practice` the practice's effect, `effect` the therapist's shrunken one.
    """

    followed_up: float
    missing: float
    total: float
    n_eff: float
    reliability: float
    effect: float
    practice: float
    low: float


def gates_of(evidence: Evidence, policy: GatePolicy) -> tuple[Gate, ...]:
    """All four gates, in the order in which a statement shows them."""
    episodes = evidence.followed_up + evidence.missing
    follow_up = evidence.followed_up / episodes if episodes else 0.0
    margin = _margin(evidence)
    return (
        _at_least("n_eff", evidence.n_eff, policy.n_eff),
        _at_least("reliability", evidence.reliability, policy.reliability),
        _at_least("follow_up", follow_up, policy.follow_up),
        Gate(name="sign", value=margin, needed=0.0, passed=margin > 0),
    )


def _at_least(name: str, value: float, needed: float) -> Gate:
    return Gate(name=name, value=value, needed=needed, passed=value >= needed)


def _margin(evidence: Evidence) -> float:
    """How far the mean stays on its side of the practice's when nobody unseen did better than `low`.

    The mean is over all episodes with the same weight: where every episode has a value, none has to stand for another.
    """
    episodes = evidence.followed_up + evidence.missing
    if not episodes or evidence.effect == 0:
        return 0.0
    mean = (evidence.total + evidence.missing * evidence.low) / episodes
    return (mean - evidence.practice) * (1 if evidence.effect > 0 else -1)
