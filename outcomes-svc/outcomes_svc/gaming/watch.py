"""All figures of a period, and which of them are worth a look. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from outcomes_svc.gaming.course import standing
from outcomes_svc.gaming.early_ends import early_ends
from outcomes_svc.gaming.high_baselines import high_baselines
from outcomes_svc.gaming.instrument_choice import instrument_choice
from outcomes_svc.gaming.kinds import Kind
from outcomes_svc.gaming.missing_ends import missing_ends
from outcomes_svc.gaming.selected_intake import selected_intake
from outcomes_svc.gaming.statistic import Statistic
from outcomes_svc.gaming.unusual_answers import unusual_answers
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import Numbers
from outcomes_svc.performance.prediction import PredictionModel

FALSE_ALARMS = 0.02
"""The share of honest therapists that all kinds together may point at in a year. A choice of this project."""
LIMITS: Mapping[Kind, float] = {
    Kind.HIGH_BASELINES: 0.006,
    Kind.UNUSUAL_ANSWERS: 0.005,
    Kind.EARLY_ENDS: 0.003,
    Kind.MISSING_ENDS: 0.003,
    Kind.SELECTED_INTAKE: 0.002,
    Kind.INSTRUMENT_CHOICE: 0.001,
}
"""Each kind's part of it, together FALSE_ALARMS (weighted Bonferroni: Genovese, Roeder and Wasserman 2006, Biometrika
93:509). More for what moves pay most and shows least. A choice of this project."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was computed for T therapists: the signs of each kind."""

    therapists: tuple[str, ...]
    signs: Mapping[Kind, tuple[Statistic, ...]]

    def p(self, kind: Kind) -> Numbers:
        """Shape (T,): the smallest p of a kind's signs times the number of signs that were judged; NaN without any."""
        signs = self.signs.get(kind, ())
        found = np.array([one.p for one in signs]).reshape(len(signs), len(self.therapists))
        judged = (~np.isnan(found)).sum(axis=0)
        least = np.min(np.nan_to_num(found, nan=1.0), axis=0, initial=1.0)
        p: Numbers = np.where(judged > 0, np.minimum(least * judged, 1.0), np.nan)
        return p

    def strongest(self, kind: Kind, therapist: int) -> Statistic:
        """The sign with the smallest p for one therapist; the kind must have been judged."""
        judged = [one for one in self.signs[kind] if not np.isnan(one.p[therapist])]
        return min(judged, key=lambda one: float(one.p[therapist]))


def figures(table: WatchTable, model: PredictionModel | None) -> Figures:
    """Every sign; without a prediction model difficulty is not known and `selected_intake` is left out."""
    stands = standing(table)
    signs: dict[Kind, tuple[Statistic, ...]] = {
        Kind.HIGH_BASELINES: (high_baselines(table),),
        Kind.MISSING_ENDS: (missing_ends(table, stands),),
        Kind.INSTRUMENT_CHOICE: instrument_choice(table, stands),
        Kind.EARLY_ENDS: (early_ends(table),),
        Kind.UNUSUAL_ANSWERS: unusual_answers(table),
    }
    if model is not None:
        signs[Kind.SELECTED_INTAKE] = (selected_intake(table, model),)
    return Figures(therapists=table.therapists, signs=signs)
