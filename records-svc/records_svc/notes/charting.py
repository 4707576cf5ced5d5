"""Writing, signing and amending session notes; a signature completes the session and consumes the claim's visit."""

from __future__ import annotations

from fascia.ids import new_id
from fascia.problem import StaleVersion
from fascia.store import UnitOfWork
from records_svc.audit import store as trail
from records_svc.evaluation import store as evaluations
from records_svc.notes import session_note, store
from records_svc.notes.session_note import SessionNote, Treatment, completed_event
from records_svc.notes.visit import Visit
from records_svc.prescription import store as prescriptions
from records_svc.prescription.claim import LedgerEntry, Use, consumed_by, given_back


def write_note(uow: UnitOfWork, appointment_id: str, treatment: Treatment, author: str) -> SessionNote:
    """A draft for a visit."""
    visit = store.get_visit(uow, appointment_id)
    note = session_note.write(treatment, visit, note_id=new_id(), author=author, now=uow.now)
    store.add(uow, note)
    trail.wrote(uow, "draft", "note", note.id, note.patient_id)
    return note


def rewrite_note(uow: UnitOfWork, note_id: str, treatment: Treatment, version: int, author: str) -> SessionNote:
    """A draft gets other content."""
    note = _at_version(uow, note_id, version)
    visit = store.get_visit(uow, note.appointment_id)
    return _keep(uow, session_note.rewrite(note, treatment, visit, author), "edit")


def discard_note(uow: UnitOfWork, note_id: str, version: int, author: str) -> SessionNote:
    """A draft that will never be signed."""
    return _keep(uow, session_note.discard(_at_version(uow, note_id, version), author), "discard")


def sign_note(uow: UnitOfWork, note_id: str, version: int, signer: str) -> SessionNote:
    """Sign a note: treatment took place."""
    note = _at_version(uow, note_id, version)
    visit = store.get_visit(uow, note.appointment_id)
    evaluation = evaluations.in_force(uow, note.patient_id)
    signed = session_note.sign(
        note,
        visit,
        signer=signer,
        signed_already=store.signed_note_of(uow, note.appointment_id),
        condition_codes=evaluation.content.condition_codes if evaluation else (),
        now=uow.now,
    )
    store.claim_signature(uow, signed)
    _keep(uow, signed, "sign")
    if visit.claim_id is not None:
        known = prescriptions.entry_of(uow, visit.appointment_id) or _reservation(visit, visit.claim_id)
        prescriptions.put_entry(uow, consumed_by(known, signed.id))
    uow.publish("session.completed", completed_event(signed, visit), sequence=signed.version)
    return signed


def amend_note(
    uow: UnitOfWork, note_id: str, treatment: Treatment, reason: str, version: int, signer: str
) -> SessionNote:
    """A signed note gets other content, with the reason."""
    note = _at_version(uow, note_id, version)
    visit = store.get_visit(uow, note.appointment_id)
    amended = session_note.amend(note, treatment, visit, signer=signer, reason=reason, now=uow.now)
    _keep(uow, amended, "amend")
    uow.publish("session.amended", completed_event(amended, visit), sequence=amended.version)
    return amended


def enter_in_error(uow: UnitOfWork, note_id: str, reason: str, version: int, signer: str) -> SessionNote:
    """A signed note that should not exist; its visit can be signed for again and is reserved until then."""
    note = _at_version(uow, note_id, version)
    wrong = _keep(uow, session_note.enter_in_error(note, signer=signer, reason=reason), "enter_in_error")
    store.free_signature(uow, wrong)
    entry = prescriptions.entry_of(uow, wrong.appointment_id)
    if entry is not None:
        prescriptions.put_entry(uow, given_back(entry))
    return wrong


def _keep(uow: UnitOfWork, note: SessionNote, action: str) -> SessionNote:
    store.replace(uow, note)
    trail.wrote(uow, action, "note", note.id, note.patient_id)
    return note


def _reservation(visit: Visit, claim_id: str) -> LedgerEntry:
    return LedgerEntry(
        claim_id=claim_id,
        appointment_id=visit.appointment_id,
        appointment_version=visit.version,
        patient_id=visit.patient_id,
        starts_at=visit.starts_at,
        use=Use.RESERVED,
    )


def _at_version(uow: UnitOfWork, note_id: str, version: int) -> SessionNote:
    note = store.get(uow, note_id)
    if note.version != version:
        raise StaleVersion(version)
    return note
