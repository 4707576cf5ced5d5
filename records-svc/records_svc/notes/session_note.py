"""A session note in SOAP form.

draft -> signed -> amended (append-only); draft -> discarded; signed or amended -> entered_in_error (still visible).
Notes hold assessment, contraindications, plan, techniques and response (COMAR 10.65.06.01); the therapist of the visit
signs (Mont. ARM 24.155.402).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from fascia.problem import Conflict, Forbidden, RuleViolation
from records_svc.evaluation.measure import Measure
from records_svc.notes.visit import Visit


class State(StrEnum):
    """Where a note stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    AMENDED = "amended"
    DISCARDED = "discarded"
    ENTERED_IN_ERROR = "entered_in_error"


IN_FORCE = frozenset({State.SIGNED, State.AMENDED})


@dataclass(frozen=True)
class Soap:
    """The four parts of a note: free text, sealed at rest, never published."""

    subjective: str
    objective: str
    assessment: str
    plan: str


@dataclass(frozen=True)
class RangeOfMotion:
    """One joint movement as measured, in degrees."""

    joint: str
    movement: str
    side: str
    degrees: float


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """What a note says about the visit. `techniques` and `areas` are codes."""

    soap: Soap
    techniques: tuple[str, ...]
    areas: tuple[str, ...]
    treated_minutes: int
    measures: tuple[Measure, ...] = ()
    rom: tuple[RangeOfMotion, ...] = ()


@dataclass(frozen=True)
class Amendment:
    """Why a signed note was changed, by whom, and what it said before."""

    reason: str
    amended_by: str
    amended_at: datetime
    before: Treatment


@dataclass(frozen=True, kw_only=True)
class SessionNote:
    """A note as of `version`; its id is the session's id."""

    id: str
    version: int
    appointment_id: str
    patient_id: str
    therapist_id: str
    state: State
    treatment: Treatment
    written_at: datetime
    signed_at: datetime | None = None
    condition_codes: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    error_reason: str | None = None


def write(treatment: Treatment, visit: Visit, *, note_id: str, author: str, now: datetime) -> SessionNote:
    """A draft for a visit; raises where the visit or the author is the wrong one."""
    _check_author(visit.therapist_id, author)
    if visit.status == "cancelled":
        raise Conflict(
            "visit-cancelled", "This visit was cancelled.", "appointment_id", "Choose the visit that took place."
        )
    _check_minutes(treatment, visit)
    return SessionNote(
        id=note_id,
        version=1,
        appointment_id=visit.appointment_id,
        patient_id=visit.patient_id,
        therapist_id=visit.therapist_id,
        state=State.DRAFT,
        treatment=treatment,
        written_at=now,
    )


def rewrite(note: SessionNote, treatment: Treatment, visit: Visit, author: str) -> SessionNote:
    """A draft with other content."""
    if note.state is not State.DRAFT:
        raise Conflict("note-not-a-draft", f"A note that is {note.state} is not edited; a signed one is amended.")
    _check_author(note.therapist_id, author)
    _check_minutes(treatment, visit)
    return replace(note, treatment=treatment, version=note.version + 1)


def discard(note: SessionNote, author: str) -> SessionNote:
    """A draft that will never be signed."""
    if note.state is not State.DRAFT:
        raise Conflict("note-not-a-draft", f"A note that is {note.state} cannot be discarded.")
    _check_author(note.therapist_id, author)
    return replace(note, state=State.DISCARDED, version=note.version + 1)


def sign(
    note: SessionNote, visit: Visit, *, signer: str, signed_already: str | None, condition_codes: tuple[str, ...],
    now: datetime,
) -> SessionNote:  # fmt: skip
    """Sign a draft. `signed_already` is the id of the visit's signed note, where there is one.

    `condition_codes` are those of the evaluation in force: what this session treated.
    """
    if note.state is not State.DRAFT:
        raise Conflict("note-not-a-draft", f"This note is {note.state}.")
    _check_author(visit.therapist_id, signer)
    if signed_already is not None:
        raise Conflict("visit-already-signed", f"This visit has a signed note already: {signed_already}.")
    if not visit.completed:
        raise Conflict(
            "visit-not-completed",
            f"This visit is {visit.status}; a note is signed once the visit is completed.",
            "appointment_id",
            "Complete the appointment first; send its Fascia-Event as Fascia-After to sign right away.",
        )
    _check_complete(note.treatment)
    _check_minutes(note.treatment, visit)
    return replace(
        note,
        state=State.SIGNED,
        version=note.version + 1,
        therapist_id=visit.therapist_id,
        signed_at=now,
        condition_codes=condition_codes,
    )


def amend(
    note: SessionNote, treatment: Treatment, visit: Visit, *, signer: str, reason: str, now: datetime
) -> SessionNote:
    """A signed note with other content; what it said before stays in it."""
    if note.state not in IN_FORCE:
        raise Conflict("note-not-signed", f"A note that is {note.state} cannot be amended.")
    _check_author(note.therapist_id, signer)
    _check_complete(treatment)
    _check_minutes(treatment, visit)
    amendment = Amendment(reason, signer, now, note.treatment)
    return replace(
        note,
        state=State.AMENDED,
        treatment=treatment,
        version=note.version + 1,
        amendments=(*note.amendments, amendment),
    )


def enter_in_error(note: SessionNote, *, signer: str, reason: str) -> SessionNote:
    """A signed note that should not exist, such as one on the wrong patient. It stays visible."""
    if note.state not in IN_FORCE:
        raise Conflict("note-not-signed", f"A note that is {note.state} cannot be entered in error.")
    _check_author(note.therapist_id, signer)
    return replace(note, state=State.ENTERED_IN_ERROR, version=note.version + 1, error_reason=reason)


def completed_event(note: SessionNote, visit: Visit) -> dict[str, Any]:
    """The session as session.completed and session.amended carry it: codes and numbers, no text."""
    return {
        "session_id": note.id,
        "version": note.version,
        "appointment_id": note.appointment_id,
        "patient_id": note.patient_id,
        "therapist_id": note.therapist_id,
        "claim_id": visit.claim_id,
        "location_id": visit.location_id,
        "setting": visit.setting,
        "service_type": visit.service_type,
        "condition_codes": list(note.condition_codes),
        "started_at": visit.started_at or visit.starts_at,
        "ended_at": visit.ended_at or visit.ends_at,
        "signed_at": note.signed_at,
        "treated_minutes": note.treatment.treated_minutes,
        "measures": [measure.published() for measure in note.treatment.measures],
    }


def _check_author(therapist_id: str, author: str) -> None:
    if author != therapist_id:
        raise Forbidden("not-the-therapist", "A visit's note is written and signed by the therapist of the visit.")


def _check_minutes(treatment: Treatment, visit: Visit) -> None:
    if treatment.treated_minutes > visit.longest_minutes:
        raise RuleViolation(
            "treated-longer-than-visit",
            f"The visit took {visit.longest_minutes:.0f} minutes.",
            "treated_minutes",
            "Send the minutes of treatment within the visit.",
        )


def _check_complete(treatment: Treatment) -> None:
    for part, text in asdict(treatment.soap).items():
        if not text.strip():
            raise RuleViolation(
                "note-incomplete",
                f"The note has no {part}.",
                f"soap.{part}",
                "Write it, or what was found to be normal.",
            )
    for name in ("techniques", "areas"):
        if not getattr(treatment, name):
            raise RuleViolation("note-incomplete", f"The note names no {name}.", name, "Name one or more.")
