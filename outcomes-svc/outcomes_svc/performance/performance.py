"""How therapists and their practice did against what was predicted, over the episodes of a year. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan

from outcomes_svc.performance.case_table import countable, table_of
from outcomes_svc.performance.gates import Gate, GatePolicy, gates_of
from outcomes_svc.performance.judgement import Judgement, judge
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.results.episode_result import EpisodeResult

COUNTED = "counted"
LOST_TO_FOLLOW_UP = "lost_to_follow_up"
NOT_IN_MODEL = "instrument_not_in_model"


@dataclass(frozen=True, kw_only=True)
class EpisodeResidual:
    """One episode that counts. `change` and `predicted` in points of the instrument, positive is better.

    `residual` is (change - predicted) / sigma, clipped to -3..3. `change`, `residual` and `weight` are None for who was
    lost to follow-up; `predicted` and `sigma` too where the model has no such instrument. `outcome` names which it is:
    counted, lost_to_follow_up or instrument_not_in_model.
    """

    episode_id: str
    therapist_id: str
    outcome: str
    change: float | None
    predicted: float | None
    sigma: float | None
    residual: float | None
    weight: float | None


@dataclass(frozen=True, kw_only=True)
class TherapistPerformance:
    """One therapist. `effect` (v) is the shrunken distance from the practice, in residual standard deviations.

    `episodes` are those that the model can judge, lost ones included. `mean_residual` is weighted, None without anybody
    followed up. `reliability` (L) is how much of the distance of that mean from the practice's is kept.
    """

    therapist_id: str
    episodes: int
    followed_up: int
    follow_up_rate: float
    n_eff: float
    mean_residual: float | None
    reliability: float
    effect: float
    gates: tuple[Gate, ...]

    @property
    def qualifies(self) -> bool:
        """Whether the own results may touch the pay; otherwise the practice's share alone counts."""
        return all(gate.passed for gate in self.gates)


@dataclass(frozen=True, kw_only=True)
class PracticePerformance:
    """A practice. `effect` (u) in residual standard deviations; `tau2` between therapists, `sigma2` within.

    `therapists` in the order of their ids, `residuals` in the order of the episodes' ids. All figures are rounded to 9
    decimals, so that they do not hang on the last bit of a sum.
    """

    model_version: str
    effect: float
    standard_error: float
    tau2: float
    sigma2: float
    therapists: tuple[TherapistPerformance, ...]
    residuals: tuple[EpisodeResidual, ...]


def assess(
    results: Sequence[EpisodeResult],
    model: PredictionModel,
    policy: GatePolicy = GatePolicy(),  # noqa: B008 - frozen
) -> PracticePerformance:
    """Judge the episodes of one practice by a frozen model; the same rows in any order give the same figures.

    Rows that are excluded are left out. An episode without an end counts as lost to follow-up.
    """
    rows = countable(results)
    table = table_of(rows)
    judgement = judge(table, model)
    shrunk = judgement.shrunk
    return PracticePerformance(
        model_version=model.version,
        effect=_figure(shrunk.practice),
        standard_error=_figure(shrunk.standard_error),
        tau2=_figure(shrunk.tau2),
        sigma2=_figure(shrunk.sigma2),
        therapists=tuple(_therapists(table.therapist.levels, judgement, policy)),
        residuals=tuple(_residual(row, place, judgement) for place, row in enumerate(rows)),
    )


def _therapists(names: Sequence[str], judgement: Judgement, policy: GatePolicy) -> Iterator[TherapistPerformance]:
    low, shrunk = judgement.low(policy), judgement.shrunk
    for place, name in enumerate(names):
        episodes, followed = int(judgement.episodes[place]), int(judgement.followed_up[place])
        yield TherapistPerformance(
            therapist_id=name,
            episodes=episodes,
            followed_up=followed,
            follow_up_rate=_figure(followed / episodes) if episodes else 0.0,
            n_eff=_figure(shrunk.sizes[place]),
            mean_residual=_known(shrunk.means[place]),
            reliability=_figure(shrunk.reliabilities[place]),
            effect=_figure(shrunk.effects[place]),
            gates=tuple(_rounded(gate) for gate in gates_of(judgement.evidence(place, low), policy)),
        )


def _residual(row: EpisodeResult, place: int, judgement: Judgement) -> EpisodeResidual:
    predicted = _known(judgement.predicted[place])
    followed = row.change is not None
    return EpisodeResidual(
        episode_id=row.episode_id,
        therapist_id=row.therapist_id,
        outcome=NOT_IN_MODEL if predicted is None else COUNTED if followed else LOST_TO_FOLLOW_UP,
        change=row.change,
        predicted=predicted,
        sigma=_known(judgement.sigma[place]),
        residual=_known(judgement.residual[place]),
        weight=_known(judgement.weight[place]),
    )


def _rounded(gate: Gate) -> Gate:
    return replace(gate, value=_figure(gate.value))


def _known(value: float) -> float | None:
    return None if isnan(value) else _figure(value)


def _figure(value: float) -> float:
    """Nine decimals; adding 0.0 turns a negative zero into the plain one."""
    return round(float(value), 9) + 0.0
