"""Session notes over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access, current_principal
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import command, current_uow, query
from records_svc.audit import store as trail
from records_svc.notes import charting, store
from records_svc.notes.schemas import (
    EnteredInErrorSchema,
    NoteAmendmentSchema,
    NoteDraftSchema,
    NoteEditSchema,
    NoteSchema,
    treatment_of,
)
from records_svc.notes.session_note import SessionNote
from records_svc.patients import store as patients
from records_svc.roles import CLINICAL_READERS, CLINICIANS

blp = Blueprint("notes", __name__, description="What happened in a visit")


@blp.route("/v1/notes", methods=["POST"])
@access(*CLINICIANS)
@command
@blp.arguments(NoteDraftSchema)
@blp.response(201, NoteSchema)
def write_note(body: dict[str, Any]) -> SessionNote:
    """Draft the note of a visit."""
    return _tagged(charting.write_note(current_uow(), body["appointment_id"], treatment_of(body), _caller()))


@blp.route("/v1/patients/<patient_id>/notes", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(NoteSchema))
def list_notes(wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    """A patient's notes, newest first; discarded ones and those entered in error stay visible."""
    uow = current_uow()
    patients.exists(uow, patient_id)
    notes, cursor = store.page(uow, patient_id, wanted)
    trail.read(uow, "note", None, patient_id, len(notes))
    return {"items": notes, "next_cursor": cursor}


@blp.route("/v1/notes/<note_id>", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.response(200, NoteSchema)
def read_note(note_id: str) -> SessionNote:
    """One note."""
    uow = current_uow()
    note = store.get(uow, note_id)
    trail.read(uow, "note", note_id, note.patient_id)
    return _tagged(note)


@blp.route("/v1/notes/<note_id>", methods=["PUT"])
@access(*CLINICIANS)
@command
@blp.arguments(NoteEditSchema)
@blp.response(200, NoteSchema)
def rewrite_note(body: dict[str, Any], note_id: str) -> SessionNote:
    """Give a draft other content."""
    return _tagged(charting.rewrite_note(current_uow(), note_id, treatment_of(body), required_version(), _caller()))


@blp.route("/v1/notes/<note_id>", methods=["DELETE"])
@access(*CLINICIANS)
@command
@blp.response(200, NoteSchema)
def discard_note(note_id: str) -> SessionNote:
    """Discard a draft; it stays visible as discarded."""
    return _tagged(charting.discard_note(current_uow(), note_id, required_version(), _caller()))


@blp.route("/v1/notes/<note_id>/signature", methods=["POST"])
@access(*CLINICIANS)
@command
@blp.response(200, NoteSchema)
def sign_note(note_id: str) -> SessionNote:
    """Sign a note: the session is completed and the claim's visit consumed."""
    return _tagged(charting.sign_note(current_uow(), note_id, required_version(), _caller()))


@blp.route("/v1/notes/<note_id>/amendments", methods=["POST"])
@access(*CLINICIANS)
@command
@blp.arguments(NoteAmendmentSchema)
@blp.response(200, NoteSchema)
def amend_note(body: dict[str, Any], note_id: str) -> SessionNote:
    """Amend a signed note; what it said before stays in it."""
    return _tagged(
        charting.amend_note(current_uow(), note_id, treatment_of(body), body["reason"], required_version(), _caller())
    )


@blp.route("/v1/notes/<note_id>/entered-in-error", methods=["POST"])
@access(*CLINICIANS)
@command
@blp.arguments(EnteredInErrorSchema)
@blp.response(200, NoteSchema)
def enter_note_in_error(body: dict[str, Any], note_id: str) -> SessionNote:
    """State that a signed note should not exist; it stays visible."""
    return _tagged(charting.enter_in_error(current_uow(), note_id, body["reason"], required_version(), _caller()))


def _caller() -> str:
    return current_principal().subject


def _tagged(note: SessionNote) -> SessionNote:
    set_etag(note.version)
    return note
