"""Use cases: read and change what patients are told after an answer that a person should see at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.patient_page import store
from outcomes_svc.patient_page.guidance import SHIPPED, Contact, Guidance, PracticeGuidance, guidance_in


@dataclass(frozen=True)
class GuidanceText:
    """What is said in a language, and whether the practice says it so itself."""

    language: str
    text: str
    contacts: tuple[Contact, ...]
    own: bool


@dataclass(frozen=True)
class CrisisGuidance:
    """What is said now, and who changed it when."""

    version: int
    texts: list[GuidanceText]
    history: list[PracticeGuidance]


def crisis_guidance(uow: UnitOfWork) -> CrisisGuidance:
    """What patients of the practice are told, in each language."""
    history = store.guidance_versions(uow)
    own = history[-1] if history else None
    said = own.texts if own else {}
    texts = [
        GuidanceText(language, found.text, found.contacts, language in said)
        for language in sorted({*SHIPPED, *said})
        if (found := guidance_in(language, own))
    ]
    return CrisisGuidance(own.version if own else 0, texts, history)


def change_guidance(uow: UnitOfWork, texts: Mapping[str, Guidance], by: str) -> CrisisGuidance:
    """Say what `texts` says from now on; the same once more changes nothing."""
    current = store.current_guidance(uow)
    if dict(texts) != (dict(current.texts) if current else {}):
        version = current.version + 1 if current else 1
        store.add_guidance(uow, PracticeGuidance(version=version, texts=texts, changed_by=by, changed_at=uow.now))
    return crisis_guidance(uow)
