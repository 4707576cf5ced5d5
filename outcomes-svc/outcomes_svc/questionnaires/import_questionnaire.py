"""Use case: a practice imports a FHIR Questionnaire; the instruments that it holds all questions of get a wording."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fascia.ids import new_id
from fascia.problem import FieldError
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.questionnaires import store
from outcomes_svc.questionnaires.binding import Binding, bind
from outcomes_svc.questionnaires.codes import Target, code_table, shipped_codes
from outcomes_svc.questionnaires.fhir import FhirQuestionnaire, QuestionnaireRefused, read_questionnaire
from outcomes_svc.questionnaires.imported import BoundItem, ImportedQuestionnaire, LanguageFrom
from outcomes_svc.questionnaires.wording import Wording, language_tag

DEFAULT_LANGUAGE = "en"
_MAP_FIX = "Send map=LINKID:INSTRUMENT:ITEM, for example map=q3:PEG:activity, once for each question."


class _Language(NamedTuple):
    tag: str
    source: LanguageFrom


def import_questionnaire(
    uow: UnitOfWork, resource: object, *, language: str | None, mapping: Sequence[str], by: str
) -> tuple[ImportedQuestionnaire, bool]:
    """Keep a resource and the wordings in it; the same once more is found again (the second value is then False).

    `mapping` holds texts of the form LINKID:INSTRUMENT:ITEM. Raises QuestionnaireRefused; then nothing is kept.
    """
    form = read_questionnaire(resource)
    spoken = _language(form, language)
    catalogue = shipped()
    instruments = [found for id_ in sorted({each.id for each in catalogue.all()}) if (found := catalogue.current(id_))]
    binding = bind(form, instruments, code_table(instruments, shipped_codes()), read_mapping(mapping))
    text = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
    digest = _digest(text, spoken.tag, binding)
    known = store.find_by_digest(uow, digest)
    if known is not None:
        return known, False
    id_ = new_id()
    wordings = [
        Wording(
            instrument=found.instrument.id,
            instrument_version=found.instrument.version,
            language=spoken.tag,
            version=store.next_version(uow, found.instrument.id, spoken.tag),
            questionnaire_id=id_,
            title=form.title,
            items=found.items,
            imported_at=uow.now,
        )
        for found in binding.bound
    ]
    imported = ImportedQuestionnaire(
        id=id_,
        title=form.title,
        url=form.url,
        language=spoken.tag,
        language_from=spoken.source,
        digest=digest,
        wordings=tuple(wordings),
        bound=tuple(_bound_items(binding)),
        incomplete=binding.incomplete,
        unbound=binding.unbound,
        imported_by=by,
        imported_at=uow.now,
    )
    store.add_questionnaire(uow, imported, text)
    return imported, True


def read_mapping(texts: Iterable[str]) -> Mapping[str, frozenset[Target]]:
    """LinkId to items; raises QuestionnaireRefused for a text of another form. A linkId may hold colons itself."""
    found: dict[str, set[Target]] = {}
    for text in texts:
        parts = text.rsplit(":", 2)
        if len(parts) != 3 or not all(parts):
            message = f"{text[:80]!r} does not say which question is which item."
            raise QuestionnaireRefused([FieldError("map", message, _MAP_FIX)])
        link_id, instrument, item = parts
        found.setdefault(link_id, set()).add(Target(instrument, item))
    return {link_id: frozenset(targets) for link_id, targets in found.items()}


def _language(form: FhirQuestionnaire, requested: str | None) -> _Language:
    tags = [(form.language, LanguageFrom.RESOURCE, "language"), (requested, LanguageFrom.REQUEST, "language")]
    said: list[_Language] = []
    for text, source, field in tags:
        if text is None:
            continue
        tag = language_tag(text)
        if tag is None:
            message = f"{text[:40]!r} is not a language tag."
            raise QuestionnaireRefused([FieldError(field, message, "Send a BCP 47 tag such as en or es-US.")])
        said.append(_Language(tag, source))
    if len({each.tag for each in said}) > 1:
        message = f"The resource says {said[0].tag}, the request says {said[1].tag}."
        raise QuestionnaireRefused([FieldError("language", message, "Leave one of the two out, or make them agree.")])
    return said[0] if said else _Language(DEFAULT_LANGUAGE, LanguageFrom.ASSUMED)


def _digest(text: str, language: str, binding: Binding) -> str:
    """What makes two imports the same: the resource, its language, and what it was bound to."""
    places = [
        (each.instrument.id, each.instrument.version, item.code, item.link_id)
        for each in binding.bound
        for item in each.items
    ]
    return hashlib.sha256(json.dumps([text, language, places]).encode()).hexdigest()


def _bound_items(binding: Binding) -> Iterable[BoundItem]:
    for each in binding.bound:
        for item in each.items:
            yield BoundItem(item.link_id, each.instrument.id, item.code)
