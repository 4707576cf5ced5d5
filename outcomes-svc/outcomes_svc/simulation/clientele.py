"""Who comes to a made-up practice: what is true of patients before treatment. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from outcomes_svc.performance.case_table import UNKNOWN, Codes, Factor, Flags, Numbers
from outcomes_svc.simulation.generated_scale import CONDITIONS
from outcomes_svc.simulation.practice_spec import SETTINGS, Staff

PAYERS = ("commercial", "medicare", "self", "workers_comp")
_WORKERS_COMP, _MEDICARE = PAYERS.index("workers_comp"), PAYERS.index("medicare")
_HOSPITAL, _PRIVATE = SETTINGS.index("hospital"), SETTINGS.index("private")
_CONDITION_HELPED = np.array([-0.25, 0.15, -0.1, -0.05, 0.0, 0.25])
"""By CONDITIONS."""
_YES_NO = ("no", "yes")


@dataclass(frozen=True, kw_only=True)
class Clientele:
    """n patients as they truly are; shape (n,). What a practice knows of them is less: see known()."""

    therapist: Codes
    condition: Codes
    setting: Codes
    payer: Codes
    age: Numbers
    weeks: Numbers
    comorbidities: Numbers
    surgery: Flags
    prior_episode: Flags
    male: Flags

    def severity(self) -> Numbers:
        """The mean severity of patients like these, in units of severity, higher is worse."""
        chronic = self.weeks > 12
        mean: Numbers = 0.2 * (self.comorbidities - 1.2) + 0.2 * (chronic - 0.5) + 0.15 * (self.surgery - 0.15)
        return mean

    def recovery(self) -> Numbers:
        """How much of severity patients like these lose beyond what severity itself foretells."""
        gain: Numbers = (
            0.55
            - 0.16 * (self.comorbidities - 1.2)
            + 0.25 * (self.weeks < 6)
            - 0.35 * (self.weeks > 12)
            - 0.15 * self.surgery
            - 0.35 * (self.payer == _WORKERS_COMP)
            - 0.1 * (self.payer == _MEDICARE)
            - 0.005 * (self.age - 50)
            + 0.1 * (self.setting == _PRIVATE)
            - 0.1 * (self.setting == _HOSPITAL)
            + 0.1 * self.prior_episode
            + _CONDITION_HELPED[self.condition]
        )
        return gain

    def known(self, gaps: float, rng: np.random.Generator) -> dict[str, Factor | Numbers]:
        """The columns of a case table, with the gaps that records have: `gaps` is the share not known of most."""
        number = len(self.age)

        def lacking(share: float) -> Flags:
            lost: Flags = rng.random(number) < share
            return lost

        return {
            "age": self.age,
            "symptom_weeks": np.where(lacking(gaps), np.nan, self.weeks),
            "comorbidities": np.where(lacking(gaps), np.nan, self.comorbidities),
            "sex": _factor(("female", "male"), self.male, lacking(gaps / 10)),
            "surgery": _factor(_YES_NO, self.surgery, lacking(gaps)),
            "prior_episode": _factor(_YES_NO, self.prior_episode, lacking(0.0)),
            "payer": _factor(PAYERS, self.payer, lacking(gaps / 2)),
            "condition": _factor(tuple(CONDITIONS), self.condition, lacking(0.0)),
            "setting": _factor(SETTINGS, self.setting, lacking(0.0)),
        }


def arrive(staff: Staff, episodes: Codes, drift: float, rng: np.random.Generator) -> Clientele:
    """Patients of a year: `episodes` per therapist, shape (T,). `drift` moves everybody's burden."""
    therapist = np.repeat(np.arange(len(staff)), episodes)
    number = len(therapist)
    burden = staff.burden[therapist] + drift + rng.normal(0, 1, number)
    odds = np.column_stack([np.zeros(number), 0.4 * burden - 0.5, np.full(number, -0.7), 0.5 * burden - 1.3])
    return Clientele(
        therapist=therapist,
        condition=_draw(staff.conditions[therapist], rng),
        setting=_draw(staff.settings[therapist], rng),
        payer=_draw(np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True), rng),
        age=np.clip(np.round(rng.normal(48 + 4 * burden, 14)), 18, 95),
        weeks=np.exp(rng.normal(2.4 + 0.5 * burden, 1.0)),
        comorbidities=rng.poisson(np.exp(0.3 * burden)).astype(np.float64),
        surgery=rng.random(number) < expit(-1.9 + 0.4 * burden),
        prior_episode=rng.random(number) < expit(-1 + 0.3 * burden),
        male=rng.random(number) < 0.4,
    )


def _draw(shares: Numbers, rng: np.random.Generator) -> Codes:
    """One level per row, by the row's shares."""
    edges = np.cumsum(shares, axis=1)[:, :-1]
    places: Codes = (rng.random(len(shares))[:, None] > edges).sum(axis=1)
    return places


def _factor(levels: tuple[str, ...], codes: Codes | Flags, gaps: Flags) -> Factor:
    return Factor(levels=levels, codes=np.where(gaps, UNKNOWN, codes.astype(np.int64)))
