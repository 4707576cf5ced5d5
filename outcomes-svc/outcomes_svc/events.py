"""What outcomes-svc publishes and consumes, at a glance."""

from __future__ import annotations

from collections.abc import Mapping

from fascia.backbone.dispatch import Handler
from outcomes_svc.assessments.handlers import on_evaluation, on_session
from outcomes_svc.follow_up import handlers as follow_up
from outcomes_svc.patients import handlers as patients
from outcomes_svc.pay import handlers as pay

PUBLISHES: tuple[str, ...] = (
    "assessment.requested",
    "episode.closed",
    "outcome.alert",
    "outcome.scored",
    "pay.statement.issued",
    "progress.reported",
)

CONSUMES: Mapping[str, Handler] = {
    "evaluation.signed": on_evaluation,
    "session.completed": on_session,
    "session.amended": on_session,
    **follow_up.HANDLERS,
    **patients.HANDLERS,
    **pay.HANDLERS,
}
