"""Imported questionnaires and their wordings in MongoDB. Both are inserted; only retiring them is ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fascia.problem import NotFound
from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.questionnaires.binding import Incomplete, Unbound
from outcomes_svc.questionnaires.imported import BoundItem, ImportedQuestionnaire, LanguageFrom
from outcomes_svc.questionnaires.wording import Answer, ItemWording, Wording

INDEXES = (
    Index("questionnaires", (("practice_id", 1), ("digest", 1)), unique=True),
    Index("questionnaires", (("practice_id", 1), ("_id", 1))),
    Index("wordings", (("practice_id", 1), ("instrument", 1), ("language", 1), ("version", 1)), unique=True),
    Index("wordings", (("practice_id", 1), ("questionnaire_id", 1))),
)
_WITHOUT_RESOURCE = {"resource": 0}


def wordings(uow: UnitOfWork) -> list[Wording]:
    """Every wording of the practice, retired ones included."""
    return [_wording(document) for document in uow.collection("wordings").find({})]


def wordings_of(uow: UnitOfWork, instrument: str) -> list[Wording]:
    """The wordings of one instrument, retired ones included."""
    return [_wording(document) for document in uow.collection("wordings").find({"instrument": instrument})]


def find_wording(uow: UnitOfWork, wording_id: str) -> Wording | None:
    """One wording by its id, or None."""
    document = uow.collection("wordings").find_one({"_id": f"{uow.practice_id}:{wording_id}"})
    return _wording(document) if document else None


def next_version(uow: UnitOfWork, instrument: str, language: str) -> int:
    """The number of the next wording. Of two imports at once one finds its number taken and runs again."""
    return uow.collection("wordings").count({"instrument": instrument, "language": language}) + 1


def find_by_digest(uow: UnitOfWork, digest: str) -> ImportedQuestionnaire | None:
    """An import of the same, or None."""
    document = uow.collection("questionnaires").find_one({"digest": digest}, _WITHOUT_RESOURCE)
    return _questionnaire(uow, document) if document else None


def get_questionnaire(uow: UnitOfWork, questionnaire_id: str) -> ImportedQuestionnaire:
    """One import; raises NotFound."""
    document = uow.collection("questionnaires").find_one({"_id": questionnaire_id}, _WITHOUT_RESOURCE)
    if document is None:
        raise NotFound("questionnaire", questionnaire_id)
    return _questionnaire(uow, document)


def resource_of(uow: UnitOfWork, questionnaire_id: str) -> str:
    """The resource of an import as JSON, whole; raises NotFound."""
    document = uow.collection("questionnaires").find_one({"_id": questionnaire_id}, {"resource": 1})
    if document is None:
        raise NotFound("questionnaire", questionnaire_id)
    return str(document["resource"])


def questionnaire_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[ImportedQuestionnaire], str | None]:
    """A page of imports, oldest first."""
    documents, cursor = find_page(uow.collection("questionnaires"), {}, query)
    return [_questionnaire(uow, document) for document in documents], cursor


def add_questionnaire(uow: UnitOfWork, imported: ImportedQuestionnaire, resource: str) -> None:
    """Keep an import, its wordings, and the resource as text: its field names are no names for fields here."""
    document = asdict(imported)
    del document["id"], document["wordings"]
    uow.collection("questionnaires").insert_one({**_listed(document), "_id": imported.id, "resource": resource})
    for wording in imported.wordings:
        uow.collection("wordings").insert_one({**_listed(asdict(wording)), "_id": f"{uow.practice_id}:{wording.id}"})


def retire(uow: UnitOfWork, imported: ImportedQuestionnaire) -> None:
    """Show its wordings to nobody from now on."""
    uow.collection("questionnaires").update_one({"_id": imported.id}, {"$set": {"retired_at": uow.now}})
    for wording in imported.wordings:
        key = f"{uow.practice_id}:{wording.id}"
        uow.collection("wordings").update_one({"_id": key}, {"$set": {"retired_at": uow.now}})


def _listed(value: Any) -> Any:
    """Tuples as lists, which is what a document holds."""
    if isinstance(value, dict):
        return {name: _listed(each) for name, each in value.items()}
    return [_listed(each) for each in value] if isinstance(value, tuple | list) else value


def _questionnaire(uow: UnitOfWork, document: Document) -> ImportedQuestionnaire:
    kept = uow.collection("wordings").find({"questionnaire_id": document["_id"]}, sort=[("_id", 1)])
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id", "resource")}
    fields |= {
        "id": document["_id"],
        "language_from": LanguageFrom(fields["language_from"]),
        "wordings": tuple(_wording(each) for each in kept),
        "bound": tuple(BoundItem(**each) for each in fields["bound"]),
        "incomplete": tuple(
            Incomplete(each["instrument"], tuple(each["link_ids"]), tuple(each["missing"]))
            for each in fields["incomplete"]
        ),
        "unbound": tuple(Unbound(**each) for each in fields["unbound"]),
    }
    return ImportedQuestionnaire(**fields)


def _wording(document: Document) -> Wording:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    items = tuple(
        ItemWording(**{**item, "options": tuple(Answer(**answer) for answer in item["options"])})
        for item in fields["items"]
    )
    return Wording(**{**fields, "items": items})
