"""What a practice may score and can ask. Read once, and only where something turns on it: most of what is measured
needs no licence, and the primary instrument is chosen once per episode."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.licences.licence import LicenceEntry, licensed
from outcomes_svc.licences.store import licences
from outcomes_svc.questionnaires.store import wordings
from outcomes_svc.questionnaires.wording import Wording, askable


class Permissions:
    """The practice's licences and wordings, as they are in one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def may_score(self, instrument: Instrument, on: date) -> bool:
        """Whether answers given on a day may be scored."""
        return not instrument.licence_required or licensed(instrument, self._licences, on)

    def can_ask(self, instrument: Instrument) -> bool:
        """Whether patients can be asked today."""
        if instrument.patient_rated and instrument.wording_shipped and not instrument.licence_required:
            return True
        return askable(instrument, self._wordings, self._licences, self._uow.now.date())

    @cached_property
    def _licences(self) -> list[LicenceEntry]:
        return licences(self._uow)

    @cached_property
    def _wordings(self) -> list[Wording]:
        return wordings(self._uow)
