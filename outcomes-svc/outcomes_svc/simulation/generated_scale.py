"""The scales on which made-up patients answer. Pure.

They have the shape of real instruments (direction, ends, steps, size of an important change) and names that show that
they are made up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outcomes_svc.performance.case_table import Numbers


@dataclass(frozen=True, kw_only=True)
class GeneratedScale:
    """How severity becomes a score: `centre` is the score of severity 0, `spread` points are one unit of severity.

    `better` is +1 where a higher score is better. `important` is the change in points that counts as a response.
    """

    name: str
    better: int
    lowest: float
    highest: float
    step: float
    centre: float
    spread: float
    important: float

    def scores(self, severity: Numbers) -> Numbers:
        """Severities as scores: rounded to the scale's steps, cut off at its ends."""
        points = np.round((self.centre - self.better * self.spread * severity) / self.step) * self.step
        scores: Numbers = np.clip(points, self.lowest, self.highest)
        return scores


SCALES = (
    GeneratedScale(
        name="generated-activities", better=1, lowest=0, highest=10, step=1 / 3, centre=4, spread=1.6, important=2
    ),
    GeneratedScale(
        name="generated-count-0-24", better=-1, lowest=0, highest=24, step=1, centre=13, spread=4, important=5
    ),
    GeneratedScale(
        name="generated-mean-of-3", better=-1, lowest=0, highest=10, step=1 / 3, centre=6, spread=1.6, important=2
    ),
    GeneratedScale(
        name="generated-pain-0-10", better=-1, lowest=0, highest=10, step=1, centre=6, spread=1.6, important=2
    ),
    GeneratedScale(
        name="generated-t-score", better=-1, lowest=40, highest=78, step=0.1, centre=62, spread=6, important=3.5
    ),
)
"""Activities (higher is better), a count of ticks, a mean of three items, a single item, and a T-score; by name."""

CONDITIONS = {"G44": 4, "G56": 2, "L90": 0, "M54": 1, "M79": 3, "S43": 0}
"""Which scale (its place in SCALES) is the primary one of a condition; by name."""
