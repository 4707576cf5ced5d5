"""outcomes-svc, put together."""

from __future__ import annotations

from datetime import timedelta

from fascia.service import Job, Service
from outcomes_svc import events
from outcomes_svc.assessments import api as assessments_api
from outcomes_svc.assessments import store as assessments
from outcomes_svc.episodes import api as episodes_api
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.closing import close_due_episodes
from outcomes_svc.findings import api as findings_api
from outcomes_svc.findings import store as findings
from outcomes_svc.follow_up import jobs as follow_up_jobs
from outcomes_svc.follow_up import store as follow_up
from outcomes_svc.instruments import api as instruments_api
from outcomes_svc.licences import api as licences_api
from outcomes_svc.licences import store as licences
from outcomes_svc.patient_page import api as patient_page_api
from outcomes_svc.questionnaires import api as questionnaires_api
from outcomes_svc.questionnaires import store as questionnaires
from outcomes_svc.scoring import api as scoring_api
from outcomes_svc.scoring import store as scores
from outcomes_svc.settings import OutcomesSettings

SERVICE = Service(
    name="outcomes-svc",
    settings=OutcomesSettings,
    blueprints=(
        instruments_api.blp,
        licences_api.blp,
        questionnaires_api.blp,
        scoring_api.blp,
        episodes_api.blp,
        assessments_api.blp,
        patient_page_api.blp,
        findings_api.blp,
    ),
    handlers=events.CONSUMES,
    publishes=events.PUBLISHES,
    indexes=(
        *episodes.INDEXES,
        *scores.INDEXES,
        *assessments.INDEXES,
        *findings.INDEXES,
        *follow_up.INDEXES,
        *licences.INDEXES,
        *questionnaires.INDEXES,
    ),
    jobs=(Job("close-episodes", timedelta(hours=1), close_due_episodes), *follow_up_jobs.JOBS),
)
