"""Receiving, verifying and revoking prescriptions, and the claim that they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from fascia.ids import new_id
from fascia.localtime import local_date
from fascia.problem import StaleVersion
from fascia.store import UnitOfWork
from records_svc.audit import store as trail
from records_svc.evaluation.diagnosis import leaf_codes
from records_svc.patients import store as patients
from records_svc.patients.patient import require_living
from records_svc.prescription import store
from records_svc.prescription.claim import (
    Ledger,
    activated_event,
    allowing,
    check_patient,
    ledger,
    open_claim,
    revoked_event,
)
from records_svc.prescription.prescription import Prescription, State, receive, revoke, state_on, verify


class Shown(NamedTuple):
    """A prescription with its state on the present day."""

    prescription: Prescription
    state: State


def receive_prescription(uow: UnitOfWork, patient_id: str, order: dict[str, Any]) -> Shown:
    """Record a written order. Without a claim number it opens a claim of its own."""
    require_living(patients.get(uow, patient_id))
    today = _today(uow, patient_id)
    claim_id = order.pop("claim_id") or new_id()
    claim = store.find_claim(uow, claim_id)
    if claim is None:
        store.open_claim(uow, open_claim(claim_id, patient_id))
    else:
        check_patient(claim, patient_id)
    codes = leaf_codes(order.pop("condition_codes"))
    prescription = receive(
        prescription_id=new_id(),
        claim_id=claim_id,
        patient_id=patient_id,
        condition_codes=codes,
        now=uow.now,
        today=today,
        **order,
    )
    store.add(uow, prescription)
    trail.wrote(uow, "receive", "prescription", prescription.id, patient_id)
    return Shown(prescription, State.RECEIVED)


def verify_prescription(uow: UnitOfWork, prescription_id: str, by: str, version: int) -> Shown:
    """A person checked the order: from now on its visits count for the claim."""
    prescription = _at_version(uow, prescription_id, version)
    verified = verify(prescription, by, uow.now, _today(uow, prescription.patient_id))
    store.replace(uow, verified)
    claim = allowing(store.get_claim(uow, verified.claim_id), store.of_claim(uow, verified.claim_id))
    store.put_claim(uow, claim)
    uow.publish("prescription.activated", activated_event(claim, verified.id), sequence=claim.version)
    trail.wrote(uow, "verify", "prescription", prescription_id, verified.patient_id)
    return show(uow, [verified])[0]


def revoke_prescription(uow: UnitOfWork, prescription_id: str, reason: str, version: int) -> Shown:
    """The order no longer holds. Where others remain on the claim, the claim is announced anew with what is left."""
    prescription = _at_version(uow, prescription_id, version)
    revoked = revoke(prescription, reason, uow.now)
    store.replace(uow, revoked)
    if prescription.counts:
        remaining = [other for other in store.of_claim(uow, revoked.claim_id) if other.counts]
        claim = allowing(store.get_claim(uow, revoked.claim_id), remaining)
        uow.publish("prescription.revoked", revoked_event(claim, revoked.id), sequence=claim.version)
        steps = 1
        if remaining:
            claim, steps = allowing(claim, remaining), 2
            uow.publish("prescription.activated", activated_event(claim, remaining[-1].id), sequence=claim.version)
        store.put_claim(uow, claim, steps=steps)
    trail.wrote(uow, "revoke", "prescription", prescription_id, revoked.patient_id)
    return Shown(revoked, State.REVOKED)


def ledger_of(uow: UnitOfWork, claim_id: str) -> Ledger:
    """The account of a claim; raises NotFound."""
    return ledger(store.get_claim(uow, claim_id), store.entries_of(uow, claim_id))


def show(uow: UnitOfWork, prescriptions: Sequence[Prescription]) -> list[Shown]:
    """Prescriptions of one patient with their states today."""
    if not prescriptions:
        return []
    today = _today(uow, prescriptions[0].patient_id)
    exhausted = {claim_id: ledger_of(uow, claim_id).exhausted for claim_id in {p.claim_id for p in prescriptions}}
    return [Shown(p, state_on(p, today, claim_exhausted=exhausted[p.claim_id])) for p in prescriptions]


def _at_version(uow: UnitOfWork, prescription_id: str, version: int) -> Prescription:
    prescription = store.get(uow, prescription_id)
    if prescription.version != version:
        raise StaleVersion(version)
    return prescription


def _today(uow: UnitOfWork, patient_id: str) -> date:
    return local_date(uow.now, patients.get(uow, patient_id).time_zone)
