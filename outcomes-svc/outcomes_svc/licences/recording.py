"""Use cases: a practice records or ends its licence for an instrument."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.problem import NotFound
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.licences import store
from outcomes_svc.licences.licence import LicenceEntry, Terms, end, licensed, record, standing


@dataclass(frozen=True)
class LicenceState:
    """Where a practice stands with an instrument, and how that came about."""

    instrument: str
    licence_required: bool
    may_score_today: bool
    version: int
    licences: list[LicenceEntry]
    history: list[LicenceEntry]


def licence_state(uow: UnitOfWork, instrument_id: str) -> LicenceState:
    """The licences for an instrument; raises NotFound for one that does not ship."""
    instrument = _instrument(instrument_id)
    history = store.licences_of(uow, instrument.id)
    return LicenceState(
        instrument=instrument.id,
        licence_required=instrument.licence_required,
        may_score_today=licensed(instrument, history, uow.now.date()),
        version=len(history),
        licences=standing(history),
        history=history,
    )


def record_licence(uow: UnitOfWork, instrument_id: str, terms: Terms, by: str) -> LicenceState:
    """Append what the practice says of its licence; the same once more adds nothing."""
    instrument = _instrument(instrument_id)
    entry = record(store.licences_of(uow, instrument.id), instrument.id, terms, by, uow.now)
    if entry is not None:
        store.add_entry(uow, entry)
    return licence_state(uow, instrument.id)


def end_licence(uow: UnitOfWork, instrument_id: str, by: str) -> LicenceState:
    """Let today be the last day of every licence for the instrument; raises Conflict where none runs."""
    instrument = _instrument(instrument_id)
    for entry in end(store.licences_of(uow, instrument.id), by, uow.now):
        store.add_entry(uow, entry)
    return licence_state(uow, instrument.id)


def _instrument(id_: str) -> Instrument:
    instrument = shipped().current(id_)
    if instrument is None:
        raise NotFound("instrument", id_)
    return instrument
