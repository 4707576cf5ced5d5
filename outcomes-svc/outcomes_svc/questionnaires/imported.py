"""A questionnaire as it was imported: what it was bound to, and what of it is no item of an instrument. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outcomes_svc.questionnaires.binding import Incomplete, Unbound
from outcomes_svc.questionnaires.wording import Wording


class LanguageFrom(StrEnum):
    """Who said which language it is. `assumed`: nobody did, so it counts as English until it is imported anew."""

    RESOURCE = "resource"
    REQUEST = "request"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class BoundItem:
    """A question and the item that it is. One question may be an item of several instruments."""

    link_id: str
    instrument: str
    item: str


@dataclass(frozen=True, kw_only=True)
class ImportedQuestionnaire:
    """One import. The resource itself is kept beside it, whole."""

    id: str
    title: str
    url: str
    language: str
    language_from: LanguageFrom
    digest: str
    wordings: tuple[Wording, ...]
    bound: tuple[BoundItem, ...]
    incomplete: tuple[Incomplete, ...]
    unbound: tuple[Unbound, ...]
    imported_by: str
    imported_at: datetime
    retired_at: datetime | None = None
