"""What a made-up practice is like, and the therapists who work in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outcomes_svc.performance.case_table import Numbers
from outcomes_svc.simulation.generated_scale import CONDITIONS

SETTINGS = ("clinic", "hospital", "mobile", "private")


@dataclass(frozen=True, kw_only=True)
class PracticeSpec:
    """The knobs of the generator. Spreads are standard deviations; effects are in residual standard deviations.

    icc               share of the residual variance that lies between therapists (0.007: GLA:D, Obasohan et al.)
    practice_spread   how far the practice as a whole moves from one year to the next
    case_mix_spread   how unequal the therapists' clientele is in what is measured (comorbidity, duration, payer, ...):
                      at 1 they differ as much from each other as patients of one therapist do
    hidden_severity   how unequal it is in severity that nothing measured explains
    drift             how far the whole clientele moves from one year to the next, in the measured burden
    gaps              share of records that lack the duration, the comorbidities or surgery; others lack less
    loss              share lost to follow-up among average patients with an average change
    loss_by_outcome   how much the log odds of being lost fall per unit of change: who got better answers
    loss_by_therapist spread of the therapists' habits in asking for the last questionnaire, in log odds
    """

    therapists: int = 40
    least_episodes: int = 12
    most_episodes: int = 150
    icc: float = 0.02
    practice_spread: float = 0.10
    case_mix_spread: float = 1.0
    hidden_severity: float = 0.1
    drift: float = 0.15
    gaps: float = 0.10
    loss: float = 0.20
    loss_by_outcome: float = 0.4
    loss_by_therapist: float = 0.25


@dataclass(frozen=True, kw_only=True)
class Staff:
    """The therapists, shape (T,) each but `conditions` and `settings`, whose rows are shares that add up to 1.

    `effects` are what they truly achieve beyond the practice's average, which is 0 by construction.
    """

    effects: Numbers
    burden: Numbers
    severity: Numbers
    loss: Numbers
    conditions: Numbers
    settings: Numbers

    def __len__(self) -> int:
        return len(self.effects)


def hire(spec: PracticeSpec, rng: np.random.Generator) -> Staff:
    """Draw the therapists of a practice. Skill has nothing to do with the clientele."""
    number = spec.therapists
    tau = np.sqrt(spec.icc / (1 - spec.icc))
    effects = rng.normal(0, tau, number)
    main = rng.integers(0, len(SETTINGS), number)
    settings = np.full((number, len(SETTINGS)), 0.1)
    settings[np.arange(number), main] = 1 - 0.1 * (len(SETTINGS) - 1)
    return Staff(
        effects=effects - effects.mean(),
        burden=rng.normal(0, spec.case_mix_spread, number),
        severity=rng.normal(0, spec.hidden_severity, number),
        loss=rng.normal(0, spec.loss_by_therapist, number),
        conditions=rng.dirichlet(np.full(len(CONDITIONS), 1.5), number),
        settings=settings,
    )
