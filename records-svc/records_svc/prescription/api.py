"""Prescriptions and claims over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access, current_principal
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import command, current_uow, query
from records_svc.audit import store as trail
from records_svc.patients import store as patients
from records_svc.prescription import authorisation, store
from records_svc.prescription.authorisation import Shown
from records_svc.prescription.claim import Ledger
from records_svc.prescription.schemas import (
    LedgerSchema,
    PrescriptionRequestSchema,
    PrescriptionSchema,
    RevocationSchema,
)
from records_svc.roles import AUTHORISERS, STAFF

blp = Blueprint("prescription", __name__, description="What was prescribed, and how a claim's visits are used up")


@blp.route("/v1/patients/<patient_id>/prescriptions", methods=["POST"])
@access(*AUTHORISERS)
@command
@blp.arguments(PrescriptionRequestSchema)
@blp.response(201, PrescriptionSchema)
def receive_prescription(order: dict[str, Any], patient_id: str) -> Shown:
    """Record a written order."""
    return _tagged(authorisation.receive_prescription(current_uow(), patient_id, dict(order)))


@blp.route("/v1/patients/<patient_id>/prescriptions", methods=["GET"])
@access(*STAFF)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(PrescriptionSchema))
def list_prescriptions(wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    """A patient's prescriptions, newest first."""
    uow = current_uow()
    patients.exists(uow, patient_id)
    found, cursor = store.page(uow, patient_id, wanted)
    trail.read(uow, "prescription", None, patient_id, len(found))
    return {"items": authorisation.show(uow, found), "next_cursor": cursor}


@blp.route("/v1/prescriptions/<prescription_id>", methods=["GET"])
@access(*STAFF)
@query
@blp.response(200, PrescriptionSchema)
def read_prescription(prescription_id: str) -> Shown:
    """One prescription."""
    uow = current_uow()
    prescription = store.get(uow, prescription_id)
    trail.read(uow, "prescription", prescription_id, prescription.patient_id)
    return _tagged(authorisation.show(uow, [prescription])[0])


@blp.route("/v1/prescriptions/<prescription_id>/verification", methods=["POST"])
@access(*AUTHORISERS)
@command
@blp.response(200, PrescriptionSchema)
def verify_prescription(prescription_id: str) -> Shown:
    """State that the written order was checked; its visits count from now on."""
    return _tagged(
        authorisation.verify_prescription(
            current_uow(), prescription_id, current_principal().subject, required_version()
        )
    )


@blp.route("/v1/prescriptions/<prescription_id>/revocation", methods=["POST"])
@access(*AUTHORISERS)
@command
@blp.arguments(RevocationSchema)
@blp.response(200, PrescriptionSchema)
def revoke_prescription(body: dict[str, Any], prescription_id: str) -> Shown:
    """State that the order no longer holds."""
    return _tagged(
        authorisation.revoke_prescription(current_uow(), prescription_id, body["reason"], required_version())
    )


@blp.route("/v1/claims/<claim_id>/ledger", methods=["GET"])
@access(*STAFF)
@query
@blp.response(200, LedgerSchema)
def read_ledger(claim_id: str) -> Ledger:
    """What a claim allows, and how its visits are used up."""
    uow = current_uow()
    account = authorisation.ledger_of(uow, claim_id)
    trail.read(uow, "ledger", claim_id, account.claim.patient_id)
    return account


def _tagged(shown: Shown) -> Shown:
    set_etag(shown.prescription.version)
    return shown
