"""The chart over HTTP: read only; it is filled by import."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import current_uow, query
from records_svc.audit import store as trail
from records_svc.chart import store
from records_svc.chart.chart import Allergy, ChartEntry, Condition, MedicationOrder, Organization, Practitioner
from records_svc.chart.schemas import (
    AllergySchema,
    ConditionSchema,
    MedicationSchema,
    OrganizationSchema,
    PractitionerSchema,
)
from records_svc.patients import store as patients
from records_svc.roles import CLINICAL_READERS, STAFF

blp = Blueprint("chart", __name__, description="What other systems know about a patient")


@blp.route("/v1/patients/<patient_id>/conditions", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(ConditionSchema))
def list_conditions(wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    """Diagnoses and problems of a patient."""
    return _of_patient(Condition, "condition", wanted, patient_id)


@blp.route("/v1/patients/<patient_id>/medications", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(MedicationSchema))
def list_medications(wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    """Drugs ordered for a patient."""
    return _of_patient(MedicationOrder, "medication", wanted, patient_id)


@blp.route("/v1/patients/<patient_id>/allergies", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(AllergySchema))
def list_allergies(wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    """Allergies and intolerances of a patient."""
    return _of_patient(Allergy, "allergy", wanted, patient_id)


@blp.route("/v1/practitioners", methods=["GET"])
@access(*STAFF)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(PractitionerSchema))
def list_practitioners(wanted: dict[str, Any]) -> dict[str, Any]:
    """Who treats or prescribes elsewhere."""
    return _page(*store.page(current_uow(), Practitioner, wanted))


@blp.route("/v1/organizations", methods=["GET"])
@access(*STAFF)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(OrganizationSchema))
def list_organizations(wanted: dict[str, Any]) -> dict[str, Any]:
    """Where they do so."""
    return _page(*store.page(current_uow(), Organization, wanted))


def _of_patient(kind: type[ChartEntry], resource: str, wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    uow = current_uow()
    patients.exists(uow, patient_id)
    entries, cursor = store.page(uow, kind, wanted, patient_id)
    trail.read(uow, resource, None, patient_id, len(entries))
    return _page(entries, cursor)


def _page(entries: list[ChartEntry], cursor: str | None) -> dict[str, Any]:
    return {"items": entries, "next_cursor": cursor}
