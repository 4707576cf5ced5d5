"""What a practice can ask of its patients today. Reads; the rule is in `wording`."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.licences.licence import LicenceEntry, licensed
from outcomes_svc.licences.store import licences
from outcomes_svc.questionnaires.store import wordings
from outcomes_svc.questionnaires.wording import Wording, askable, fitting


@dataclass(frozen=True)
class Askable:
    """An instrument and whether it can be asked.

    `missing` names what it lacks: licence, wording, or the patient, where staff measure it.
    """

    instrument: str
    instrument_version: str
    name: str
    askable: bool
    languages: list[str]
    missing: list[str]


def askable_ids(uow: UnitOfWork) -> frozenset[str]:
    """The ids of the instruments that the practice can ask today."""
    return frozenset(each.instrument for each in askable_instruments(uow) if each.askable)


def askable_instruments(uow: UnitOfWork) -> list[Askable]:
    """Every instrument in its current version, by id."""
    catalogue, words, held = shipped(), wordings(uow), licences(uow)
    current = [found for id_ in sorted({each.id for each in catalogue.all()}) if (found := catalogue.current(id_))]
    return [_standing(uow, instrument, words, held) for instrument in current]


def _standing(uow: UnitOfWork, instrument: Instrument, words: list[Wording], held: list[LicenceEntry]) -> Askable:
    today = uow.now.date()
    languages = {each.language for each in fitting(words, instrument)}
    if instrument.wording_shipped:
        languages.add(instrument.language)
    reasons = {
        "licence": not licensed(instrument, held, today),
        "wording": not languages,
        "patient": not instrument.patient_rated,
    }
    return Askable(
        instrument=instrument.id,
        instrument_version=instrument.version,
        name=instrument.name,
        askable=askable(instrument, words, held, today),
        languages=sorted(languages),
        missing=[reason for reason, holds in reasons.items() if holds],
    )
