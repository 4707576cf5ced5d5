"""Wording: the questions of one instrument in one language, as a practice imported them. Pure.

A wording is never changed. A better one is imported as the next version; an old one can be retired, and what was once
shown to a patient stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.licences.licence import LicenceEntry, licensed

OWN = "own"
"""What an assessment keeps as its wording where the questions were this project's own."""

OWN_VERSION = 0
"""The version of a wording that ships: imported ones count from 1."""

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class Answer:
    """One answer that can be chosen, and the number that it stands for."""

    value: int
    label: str


@dataclass(frozen=True, kw_only=True)
class ItemWording:
    """The wording of one item. `lead` is what stands above it; without `options` it is answered with a number."""

    code: str
    link_id: str
    text: str
    lead: str = ""
    options: tuple[Answer, ...] = ()
    lowest_label: str = ""
    highest_label: str = ""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One version of the wording of an instrument. `version` counts per practice, instrument and language.

    `imported_at` is None, and `version` OWN_VERSION, for one that ships.
    """

    instrument: str
    instrument_version: str
    language: str
    version: int
    questionnaire_id: str
    title: str
    items: tuple[ItemWording, ...]
    imported_at: datetime | None
    retired_at: datetime | None = None
    introduction: str = ""

    @property
    def id(self) -> str:
        """What an assessment remembers: instrument, language and version, or `own` and the language."""
        if self.version == OWN_VERSION:
            return f"{OWN}/{self.language}"
        return f"{self.instrument}/{self.language}/{self.version}"

    def item(self, code: str) -> ItemWording | None:
        """The wording of one item, or None."""
        return next((item for item in self.items if item.code == code), None)


def language_tag(text: str) -> str | None:
    """A BCP 47 tag in its usual spelling (`es-US`), or None where it is no such tag."""
    if not _TAG.fullmatch(text) or len(text) > 35:
        return None
    primary, *rest = text.split("-")
    return "-".join([primary.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def fitting(wordings: Iterable[Wording], instrument: Instrument) -> list[Wording]:
    """The wordings that can be shown for this version of an instrument, newest version last."""
    own = (each for each in wordings if each.instrument == instrument.id and each.retired_at is None)
    return sorted(
        (each for each in own if each.instrument_version == instrument.version),
        key=lambda each: (each.version, each.language),
    )


def choose(
    wordings: Iterable[Wording], instrument: Instrument, language: str, own: Iterable[Wording] = ()
) -> Wording | None:
    """What is shown to a person who reads `language`, or None for the wording in the instrument's own file.

    A wording in the person's language comes first, an imported one before one that ships (`own`); then the shipped one
    in its original language; then any, for questions in another language are better than none. Within a language the
    newest version counts.
    """
    known = fitting(wordings, instrument)
    primary = _primary(language)
    in_language = [each for each in known if _primary(each.language) == primary]
    exact = [each for each in in_language if each.language == language]
    if exact or in_language:
        return (exact or in_language)[-1]
    if instrument.wording_shipped:
        return next((each for each in own if _primary(each.language) == primary), None)
    in_original = [each for each in known if _primary(each.language) == instrument.language]
    return next(reversed(in_original or known), None)


def askable(instrument: Instrument, wordings: Iterable[Wording], licences: Iterable[LicenceEntry], on: date) -> bool:
    """Whether a practice can ask patients the instrument on a day: there are words for it, and a licence where needed.

    `wordings` and `licences` are the practice's own, of any instruments.
    """
    if not instrument.patient_rated or not licensed(instrument, licences, on):
        return False
    return instrument.wording_shipped or bool(fitting(wordings, instrument))


def _primary(tag: str) -> str:
    return tag.split("-")[0].lower()
