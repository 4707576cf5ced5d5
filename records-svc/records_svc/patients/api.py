"""Patients over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import page_of
from fascia.web.unit import command, current_uow, query
from records_svc.audit import store as trail
from records_svc.patients import registration, store
from records_svc.patients.contact import normalised_phone
from records_svc.patients.patient import Patient, PatientDetails
from records_svc.patients.schemas import (
    PatientChangeSchema,
    PatientQuerySchema,
    PatientRegistrationSchema,
    PatientSchema,
)
from records_svc.roles import REGISTRARS, STAFF

blp = Blueprint("patients", __name__, description="Who the practice cares for")


@blp.route("/v1/patients", methods=["POST"])
@access(*REGISTRARS)
@command
@blp.arguments(PatientRegistrationSchema)
@blp.response(201, PatientSchema)
def register_patient(details: PatientDetails) -> Patient:
    """Register a patient."""
    patient = registration.register_patient(current_uow(), details)
    set_etag(patient.version)
    return patient


@blp.route("/v1/patients", methods=["GET"])
@access(*STAFF)
@query
@blp.arguments(PatientQuerySchema, location="query")
@blp.response(200, page_of(PatientSchema))
def list_patients(wanted: dict[str, Any]) -> dict[str, Any]:
    """Patients in the order of registration."""
    uow = current_uow()
    if wanted["phone"]:
        wanted["phone"] = normalised_phone(wanted["phone"])
    patients, cursor = store.page(uow, wanted)
    trail.read(uow, "patient", None, None, len(patients))
    return {"items": patients, "next_cursor": cursor}


@blp.route("/v1/patients/<patient_id>", methods=["GET"])
@access(*STAFF)
@query
@blp.response(200, PatientSchema)
def read_patient(patient_id: str) -> Patient:
    """One patient."""
    uow = current_uow()
    patient = store.get(uow, patient_id)
    trail.read(uow, "patient", patient_id, patient_id)
    set_etag(patient.version)
    return patient


@blp.route("/v1/patients/<patient_id>", methods=["PATCH"])
@access(*REGISTRARS)
@command
@blp.arguments(PatientChangeSchema)
@blp.response(200, PatientSchema)
def change_patient(changes: dict[str, Any], patient_id: str) -> Patient:
    """Change what is known about a patient."""
    patient = registration.change_patient(current_uow(), patient_id, changes, required_version())
    set_etag(patient.version)
    return patient
