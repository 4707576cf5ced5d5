"""Patients' preferences over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.problem import NotFound, StaleVersion
from fascia.store import UnitOfWork
from fascia.web.access import access
from fascia.web.etag import required_version, set_etag
from fascia.web.unit import command, current_uow, query
from scheduling_svc.patients import store
from scheduling_svc.patients.preference import Preference
from scheduling_svc.patients.schemas import PreferenceSchema
from scheduling_svc.roles import DESK, READERS
from scheduling_svc.workforce import store as workforce

blp = Blueprint("preferences", __name__, description="Whom patients want to be treated by")


@blp.route("/v1/patients/<patient_id>/preferences", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, PreferenceSchema)
def get_preferences(patient_id: str) -> Preference:
    """Preferred and refused therapists, and how often each has treated the patient."""
    found = _preference(current_uow(), patient_id)
    if found.version:
        set_etag(found.version)
    return found


@blp.route("/v1/patients/<patient_id>/preferences", methods=["PUT"])
@access(*DESK)
@command
@blp.arguments(PreferenceSchema)
@blp.response(200, PreferenceSchema)
def put_preferences(fields: dict[str, Any], patient_id: str) -> Preference:
    """Say whom the patient wants; what was said before is changed on the version that was read (If-Match)."""
    uow = current_uow()
    known = _preference(uow, patient_id)
    if known.version and (expected := required_version()) != known.version:
        raise StaleVersion(expected)
    directory = workforce.directory(uow)
    for therapist_id in (*fields["preferred"], *fields["refused"]):
        directory.therapist(therapist_id)
    stored = store.save_preference(uow, known.choosing(tuple(fields["preferred"]), tuple(fields["refused"])))
    set_etag(stored.version)
    return stored


def _preference(uow: UnitOfWork, patient_id: str) -> Preference:
    patient, preference = store.find_with_preference(uow, patient_id)
    if patient.profile is None:
        raise NotFound("patient", patient_id)
    return preference
