"""Timed work: scores follow a licence that was recorded, corrected or ended for days on which they were measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from fascia.runtime import Runtime
from fascia.service import Job
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments.course import refresh
from outcomes_svc.episodes.store import lock_patient
from outcomes_svc.instruments.catalogue import Catalogue, shipped
from outcomes_svc.licences import store
from outcomes_svc.licences.licence import LicenceEntry, licensed
from outcomes_svc.scoring.scale import FaultCode
from outcomes_svc.scoring.score import Score, ScoreState
from outcomes_svc.scoring.store import scores_with

SETTLES = timedelta(seconds=10)
"""A session that was being scored while the licence changed has been stored by then."""


def follow_licences(runtime: Runtime) -> None:
    """Derive anew what a change of licences touches, one transaction per patient; what it does not touch stays.

    A change is done when all its patients are: a process that dies on the way leaves it for the next tick, and two at
    once wait for each other patient by patient.
    """
    for practice_id in runtime.practices(store.CHANGES):
        reading = runtime.reading(practice_id)
        for change_id, instrument in store.changes_before(reading, reading.now - SETTLES):
            entries = store.licences_of(reading, instrument)
            for patient_id in _touched(scores_with(reading, instrument), entries, shipped()):
                runtime.transaction(practice_id, _deriving(patient_id))
            runtime.transaction(practice_id, _done(change_id))


def _touched(scores: list[Score], entries: list[LicenceEntry], catalogue: Catalogue) -> list[str]:
    """The patients with a score that says otherwise than the licences do."""
    return sorted({score.patient_id for score in scores if _says_otherwise(score, entries, catalogue)})


def _says_otherwise(score: Score, entries: list[LicenceEntry], catalogue: Catalogue) -> bool:
    instrument = catalogue.find(score.instrument, score.instrument_version or "")
    if instrument is None:
        return False
    if licensed(instrument, entries, score.measured_at.date()):
        return any(fault.code is FaultCode.LICENCE_REQUIRED for fault in score.faults)
    return score.state is ScoreState.SCORED


def _deriving(patient_id: str) -> Callable[[UnitOfWork], None]:
    def work(uow: UnitOfWork) -> None:
        refresh(uow, patient_id, lock_patient(uow, patient_id))

    return work


def _done(change_id: str) -> Callable[[UnitOfWork], None]:
    return lambda uow: store.change_done(uow, change_id)


JOBS = (Job("follow-licences", timedelta(seconds=15), follow_licences),)
