"""Use case: what a patient is told of their own scores."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fascia.problem import NotFound
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes import store as episodes
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.patient_results.course import Measured, PatientEpisode, Reader, patient_results
from outcomes_svc.patients import store as patients
from outcomes_svc.results.plain_words import language_of
from outcomes_svc.scoring import store as scores


@dataclass(frozen=True, kw_only=True)
class PatientResults:
    """A patient's episodes, the newest first, in their language and time zone."""

    patient_id: str
    language: str
    time_zone: str
    episodes: tuple[PatientEpisode, ...]

    @property
    def latest(self) -> Measured | None:
        """The main measure of the newest episode in which anything was measured."""
        return next((found for episode in self.episodes for found in episode.measured), None)


def results_of_patient(uow: UnitOfWork, patient_id: str, language: str | None = None) -> PatientResults:
    """All that was measured of one patient, in `language` or their own."""
    patient = patients.find_patient(uow, patient_id)
    reader = Reader(
        language=language or language_of(patient.language if patient else None),
        time_zone=_known_zone(patient.time_zone if patient else "UTC"),
    )
    found = patient_results(episodes.episodes_of(uow, patient_id), scores.scores_of(uow, patient_id), shipped(), reader)
    return PatientResults(patient_id=patient_id, language=reader.language, time_zone=reader.time_zone, episodes=found)


def check_is_known(uow: UnitOfWork, patient_id: str) -> None:
    """Raises NotFound for a patient of whom nothing is known here: a link would show an empty page to nobody."""
    if patients.find_patient(uow, patient_id) is None and not episodes.episodes_of(uow, patient_id):
        raise NotFound("patient", patient_id)


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
