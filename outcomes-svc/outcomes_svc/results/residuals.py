"""What episodes came to beyond their prediction, each year's by the model that was frozen for it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from outcomes_svc.performance.performance import EpisodeResidual, assess
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.results.episode_result import EpisodeResult


@dataclass(frozen=True)
class Residuals:
    """By episode id, with the versions of the models by the year in which episodes opened; empty without a model."""

    by_episode: dict[str, EpisodeResidual]
    models: dict[int, str]


def residuals_of(results: Sequence[EpisodeResult], model_for: Callable[[int], PredictionModel | None]) -> Residuals:
    """Judge the episodes of a practice; `model_for` gives the model for the episodes that opened in a year.

    All of a year's episodes are judged together: the weights that make up for lost follow-up hang on all of them.
    """
    by_year: dict[int, list[EpisodeResult]] = defaultdict(list)
    for result in results:
        by_year[result.opened_at.year].append(result)
    found: dict[str, EpisodeResidual] = {}
    models: dict[int, str] = {}
    for year, opened in sorted(by_year.items()):
        if (model := model_for(year)) is not None and any(result.counts for result in opened):
            models[year] = model.version
            found |= {judged.episode_id: judged for judged in assess(opened, model).residuals}
    return Residuals(found, models)
