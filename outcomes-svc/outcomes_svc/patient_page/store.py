"""A practice's guidance in MongoDB: every version is kept."""

from __future__ import annotations

from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.patient_page.guidance import Contact, Guidance, PracticeGuidance, Way

INDEXES = (Index("crisis_guidance", (("practice_id", 1), ("version", 1)), unique=True),)


def guidance_versions(uow: UnitOfWork) -> list[PracticeGuidance]:
    """Everything that the practice has ever said, oldest first."""
    return [_guidance(document) for document in uow.collection("crisis_guidance").find({}, sort=[("version", 1)])]


def current_guidance(uow: UnitOfWork) -> PracticeGuidance | None:
    """What the practice says now, or None where it says nothing of its own."""
    return next(reversed(guidance_versions(uow)), None)


def add_guidance(uow: UnitOfWork, guidance: PracticeGuidance) -> None:
    """Append a version. Of two that are written at once one finds its number taken and runs again."""
    texts = [
        {
            "language": language,
            "text": said.text,
            "contacts": [
                {"way": contact.way.value, "number": contact.number, "label": contact.label}
                for contact in said.contacts
            ],
        }
        for language, said in sorted(guidance.texts.items())
    ]
    uow.collection("crisis_guidance").insert_one(
        {
            "_id": f"{uow.practice_id}:{guidance.version}",
            "version": guidance.version,
            "texts": texts,
            "changed_by": guidance.changed_by,
            "changed_at": guidance.changed_at,
        }
    )


def _guidance(document: Document) -> PracticeGuidance:
    texts = {
        said["language"]: Guidance(
            said["text"],
            tuple(Contact(Way(each["way"]), each["number"], each["label"]) for each in said["contacts"]),
        )
        for said in document["texts"]
    }
    return PracticeGuidance(
        version=document["version"],
        texts=texts,
        changed_by=document["changed_by"],
        changed_at=document["changed_at"],
    )
