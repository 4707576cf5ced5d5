"""What arriving events do: signed sessions, amended ones and evaluations are recorded."""

from __future__ import annotations

from typing import Any

from fascia.backbone.event import Event
from fascia.clock import to_milliseconds
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments.record_session import record_evaluation, record_session
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation, StatedCaseMix
from outcomes_svc.episodes.treated_session import Measure, TreatedSession


def on_session(uow: UnitOfWork, event: Event) -> None:
    """session.completed and session.amended carry the same state; the version tells which is newer."""
    record_session(uow, session_of(event.data))


def on_evaluation(uow: UnitOfWork, event: Event) -> None:
    """evaluation.signed: its measures, where it has any, are where treatment begins."""
    data = event.data
    record_evaluation(
        uow,
        BaselineEvaluation(
            id=data["evaluation_id"],
            patient_id=data["patient_id"],
            therapist_id=data["therapist_id"],
            condition_codes=tuple(data["condition_codes"]),
            signed_at=to_milliseconds(data["signed_at"]),
            measures=tuple(_measure(row) for row in data["measures"]),
            case_mix=StatedCaseMix(**data["case_mix"]) if data["case_mix"] else None,
        ),
    )


def session_of(data: dict[str, Any]) -> TreatedSession:
    """The event's payload as a session."""
    return TreatedSession(
        id=data["session_id"],
        version=data["version"],
        patient_id=data["patient_id"],
        therapist_id=data["therapist_id"],
        appointment_id=data["appointment_id"],
        claim_id=data["claim_id"],
        location_id=data["location_id"],
        setting=data["setting"],
        service_type=data["service_type"],
        condition_codes=tuple(data["condition_codes"]),
        started_at=to_milliseconds(data["started_at"]),
        ended_at=to_milliseconds(data["ended_at"]),
        signed_at=to_milliseconds(data["signed_at"]),
        treated_minutes=data["treated_minutes"],
        measures=tuple(_measure(row) for row in data["measures"]),
    )


def _measure(row: dict[str, Any]) -> Measure:
    return Measure(instrument=row["instrument"], version=row.get("version"), answers=dict(row["answers"]))
