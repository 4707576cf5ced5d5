"""What change was to be expected of a patient, given what was known before treatment. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fascia.problem import RuleViolation
from outcomes_svc.results.episode_result import EpisodeResult


class NotEnoughEpisodes(RuleViolation):
    """Too few episodes with a known end to say what is to be expected."""


@dataclass(frozen=True, kw_only=True)
class PredictionModel:
    """A model fitted on the episodes that began in `year`, then frozen: it judges the episodes of the year after.

    `version` is a hash of the content. An instrument and its version are one measure, written "NPRS.v1".
    """

    year: int

    @property
    def version(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the document."""
        raise NotImplementedError

    def knows(self, result: EpisodeResult) -> bool:
        """Whether the result's instrument, in its version, was there in the year of the model."""
        raise NotImplementedError

    def predict(self, result: EpisodeResult) -> float:
        """The expected change in points of the instrument, positive is better; KeyError for one it does not know."""
        raise NotImplementedError

    def sigma(self, measure: str) -> float:
        """The residual standard deviation of a measure ("NPRS.v1") in points; KeyError for one it does not know."""
        raise NotImplementedError

    def to_document(self) -> dict[str, Any]:
        """As JSON and BSON can hold it, floats exact."""
        raise NotImplementedError

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> PredictionModel:
        """Back from to_document()."""
        raise NotImplementedError


def measure_of(result: EpisodeResult) -> str:
    """The instrument and its version as one name: two versions are different measures."""
    return f"{result.instrument}.v{result.instrument_version}"


def fit(results: Sequence[EpisodeResult], year: int) -> PredictionModel:
    """Fit on the episodes of one year; raises NotEnoughEpisodes. The order of the rows does not matter."""
    raise NotImplementedError
