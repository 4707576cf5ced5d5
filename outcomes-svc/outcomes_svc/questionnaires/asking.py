"""What a practice can ask of its patients today. Reads; the rule is in `wording`."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.problem import RuleViolation
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.licences.licence import LicenceEntry, licensed
from outcomes_svc.licences.store import licences
from outcomes_svc.questionnaires.own_wording import own_wordings
from outcomes_svc.questionnaires.store import find_wording, wordings, wordings_of
from outcomes_svc.questionnaires.wording import OWN, Wording, askable, choose, fitting


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


def askable_instruments(uow: UnitOfWork) -> list[Askable]:
    """Every instrument in its current version, by id."""
    catalogue, words, held = shipped(), wordings(uow), licences(uow)
    current = [found for id_ in sorted({each.id for each in catalogue.all()}) if (found := catalogue.current(id_))]
    return [_standing(uow, instrument, words, held) for instrument in current]


def wording_for(uow: UnitOfWork, instrument: Instrument, language: str) -> Wording | None:
    """What is shown to a person who reads `language`, or None for the wording in the instrument's own file."""
    return choose(wordings_of(uow, instrument.id), instrument, language, own_wordings(instrument))


def shown_wording(uow: UnitOfWork, instrument: Instrument, wording_id: str) -> Wording | None:
    """The wording of this version of an instrument that has an id, or None."""
    found = next((each for each in own_wordings(instrument) if each.id == wording_id), None)
    found = found or find_wording(uow, wording_id)
    fits = found and (found.instrument, found.instrument_version) == (instrument.id, instrument.version)
    return found if fits else None


def check_shown(uow: UnitOfWork, instrument: Instrument, wording_id: str | None) -> None:
    """Raise RuleViolation where a client says that it showed a wording which is none of this instrument's version."""
    if wording_id is None or (wording_id == OWN and instrument.wording_shipped):
        return
    if shown_wording(uow, instrument, wording_id) is None:
        raise RuleViolation(
            "unknown-wording",
            f"{wording_id[:80]!r} is no wording of {instrument.id} version {instrument.version}.",
            "wording",
            "Send the wording_id that the assessment offers, own for the texts of its items, or leave it out.",
        )


def _standing(uow: UnitOfWork, instrument: Instrument, words: list[Wording], held: list[LicenceEntry]) -> Askable:
    today = uow.now.date()
    languages = {each.language for each in fitting(words, instrument)}
    if instrument.wording_shipped:
        languages |= {instrument.language, *(each.language for each in own_wordings(instrument))}
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
