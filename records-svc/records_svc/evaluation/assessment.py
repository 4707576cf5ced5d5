"""Making, signing and amending evaluations: each signature settles the patient's clearance in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fascia.ids import new_id
from fascia.localtime import local_date
from fascia.problem import Forbidden, StaleVersion
from fascia.store import UnitOfWork
from fascia.web.principal import Principal, Role
from records_svc.audit import store as trail
from records_svc.chart.screening import medication_flags
from records_svc.evaluation import store
from records_svc.evaluation.clearance import changed_event, following
from records_svc.evaluation.diagnosis import leaf_codes
from records_svc.evaluation.evaluation import (
    Evaluation,
    Findings,
    amend,
    draft,
    edit,
    sign,
    signed_event,
    supersede,
)
from records_svc.intake import store as intakes
from records_svc.intake.red_flags import RedFlag
from records_svc.patients import store as patients
from records_svc.patients.patient import require_living


def flags_of(uow: UnitOfWork, patient_id: str) -> tuple[RedFlag, ...] | None:
    """What the latest intake and the medication raise; None where there is no intake."""
    intake = intakes.latest(uow, patient_id)
    return (*intake.red_flags, *medication_flags(uow, patient_id)) if intake else None


def draft_evaluation(
    uow: UnitOfWork, patient_id: str, therapist_id: str, content: Findings, by: Principal
) -> Evaluation:
    """A draft for a therapist, who signs it; a therapist drafts only in their own name."""
    if by.has(Role.THERAPIST) and not by.has(Role.OWNER, Role.ADMIN) and therapist_id != by.subject:
        raise Forbidden(
            "not-the-therapist", "A therapist evaluates in their own name.", "therapist_id", "Send your own id."
        )
    require_living(patients.get(uow, patient_id))
    today = _today(uow, patient_id)
    evaluation = draft(
        _with_leaf_codes(content),
        evaluation_id=new_id(),
        patient_id=patient_id,
        therapist_id=therapist_id,
        now=uow.now,
        today=today,
    )
    store.add(uow, evaluation)
    trail.wrote(uow, "draft", "evaluation", evaluation.id, patient_id)
    return evaluation


def edit_evaluation(uow: UnitOfWork, evaluation_id: str, content: Findings, version: int) -> Evaluation:
    """A draft gets other content."""
    evaluation = _at_version(uow, evaluation_id, version)
    edited = edit(evaluation, _with_leaf_codes(content), _today(uow, evaluation.patient_id))
    store.replace(uow, edited)
    trail.wrote(uow, "edit", "evaluation", evaluation_id, evaluation.patient_id)
    return edited


def sign_evaluation(uow: UnitOfWork, evaluation_id: str, version: int, signer: str) -> Evaluation:
    """Sign a draft: it supersedes the evaluation before, and the clearance follows from it."""
    evaluation = _at_version(uow, evaluation_id, version)
    patient_id = evaluation.patient_id
    flags = flags_of(uow, patient_id)
    signed = sign(evaluation, signer=signer, flags=flags, now=uow.now, today=_today(uow, patient_id))
    before = store.in_force(uow, patient_id)
    if before is not None:
        store.replace(uow, supersede(before))
    _settle(uow, signed, flags or (), "sign")
    return signed


def amend_evaluation(
    uow: UnitOfWork, evaluation_id: str, content: Findings, reason: str, version: int, signer: str
) -> Evaluation:
    """A signed evaluation gets other content, with the reason; the clearance follows again."""
    evaluation = _at_version(uow, evaluation_id, version)
    flags = flags_of(uow, evaluation.patient_id) or ()
    amended = amend(
        evaluation,
        _with_leaf_codes(content),
        reason=reason,
        signer=signer,
        flags=flags,
        now=uow.now,
        today=_today(uow, evaluation.patient_id),
    )
    _settle(uow, amended, flags, "amend")
    return amended


def _settle(uow: UnitOfWork, evaluation: Evaluation, flags: Sequence[RedFlag], action: str) -> None:
    store.replace(uow, evaluation)
    clearance = following(evaluation, flags, store.clearance_of(uow, evaluation.patient_id), uow.now)
    store.put_clearance(uow, clearance)
    uow.publish("evaluation.signed", signed_event(evaluation), sequence=clearance.version)
    uow.publish("clearance.changed", changed_event(clearance), sequence=clearance.version)
    trail.wrote(uow, action, "evaluation", evaluation.id, evaluation.patient_id)


def _at_version(uow: UnitOfWork, evaluation_id: str, version: int) -> Evaluation:
    evaluation = store.get(uow, evaluation_id)
    if evaluation.version != version:
        raise StaleVersion(version)
    return evaluation


def _today(uow: UnitOfWork, patient_id: str) -> date:
    return local_date(uow.now, patients.get(uow, patient_id).time_zone)


def _with_leaf_codes(content: Findings) -> Findings:
    return replace(content, condition_codes=leaf_codes(content.condition_codes))
