"""What the page shows of an assessment, in the language of the person in front of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.patient_page.guidance import Guidance, guidance_in, needs_guidance
from outcomes_svc.patient_page.question import Sheet, sheet
from outcomes_svc.patient_page.store import current_guidance
from outcomes_svc.patient_page.texts import Texts, texts_for
from outcomes_svc.patients.store import find_patient
from outcomes_svc.questionnaires.asking import shown_wording, wording_for
from outcomes_svc.questionnaires.wording import OWN, Wording


@dataclass(frozen=True)
class Reader:
    """Who reads: the languages that they may want, best first, and the zone in which they live."""

    languages: tuple[str, ...]
    time_zone: str

    @property
    def texts(self) -> Texts:
        """The page's own texts for them."""
        return texts_for(self.languages)


def reader_of(uow: UnitOfWork, patient_id: str, chosen: str | None, browser: Sequence[str]) -> Reader:
    """What they chose on the page goes before what their record says, and that before what their browser says.

    Of a patient of whom no event has come yet nothing is known but the browser: times are then shown as UTC.
    """
    patient = find_patient(uow, patient_id)
    known = (patient.language,) if patient else ()
    wanted = (chosen,) if chosen else ()
    return Reader((*wanted, *known, *browser), patient.time_zone if patient else "UTC")


def sheet_of(uow: UnitOfWork, assessment: Assessment, reader: Reader, shown: str | None = None) -> Sheet:
    """The questions of an assessment; `shown` is the wording that the person has seen, where they answer it."""
    instrument = instrument_of(assessment)
    return sheet(instrument, assessment.items, _wording(uow, instrument, reader, shown), reader.texts)


def guidance_after(
    uow: UnitOfWork, assessment: Assessment, reader: Reader, answers: Mapping[str, object]
) -> Guidance | None:
    """Where help is, when one of the answers says that it may be needed: also one that could not be taken yet."""
    numbers = {item: answer for item, answer in answers.items() if isinstance(answer, int | float)}
    if not needs_guidance(instrument_of(assessment), numbers):
        return None
    return guidance_in(reader.texts.tag, current_guidance(uow))


def instrument_of(assessment: Assessment) -> Instrument:
    """The version of the instrument that was asked."""
    instrument = shipped().find(assessment.instrument, assessment.instrument_version)
    assert instrument is not None, "versions that were asked keep shipping"
    return instrument


def _wording(uow: UnitOfWork, instrument: Instrument, reader: Reader, shown: str | None) -> Wording | None:
    if shown == OWN and instrument.wording_shipped:
        return None
    seen = shown_wording(uow, instrument, shown) if shown else None
    language = reader.languages[0] if reader.languages else instrument.language
    return seen or wording_for(uow, instrument, language)
