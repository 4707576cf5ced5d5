"""outcomes-svc, put together."""

from __future__ import annotations

from datetime import timedelta

from fascia.service import Job, Service
from outcomes_svc import events
from outcomes_svc.alerts import api as alerts_api
from outcomes_svc.alerts import jobs as alerts_jobs
from outcomes_svc.alerts import store as alerts
from outcomes_svc.assessments import api as assessments_api
from outcomes_svc.assessments import store as assessments
from outcomes_svc.disputes import api as disputes_api
from outcomes_svc.disputes import store as disputes
from outcomes_svc.episodes import api as episodes_api
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.closing import close_due_episodes
from outcomes_svc.findings import api as findings_api
from outcomes_svc.findings import store as findings
from outcomes_svc.follow_up import api as follow_up_api
from outcomes_svc.follow_up import jobs as follow_up_jobs
from outcomes_svc.follow_up import store as follow_up
from outcomes_svc.gaming import api as gaming_api
from outcomes_svc.gaming import jobs as gaming_jobs
from outcomes_svc.gaming import store as gaming
from outcomes_svc.instruments import api as instruments_api
from outcomes_svc.licences import api as licences_api
from outcomes_svc.licences import jobs as licence_jobs
from outcomes_svc.licences import store as licences
from outcomes_svc.patient_page import api as guidance_api
from outcomes_svc.patient_page import pages as patient_page
from outcomes_svc.patient_page import store as guidance
from outcomes_svc.patient_results import api as patient_results_api
from outcomes_svc.patients import handlers as patients
from outcomes_svc.pay import api as pay_api
from outcomes_svc.pay import handlers as pay_handlers
from outcomes_svc.pay import jobs as pay_jobs
from outcomes_svc.pay import pages as pay_pages
from outcomes_svc.pay import store as pay
from outcomes_svc.performance import api as performance_api
from outcomes_svc.progress import api as progress_api
from outcomes_svc.progress import store as progress
from outcomes_svc.questionnaires import api as questionnaires_api
from outcomes_svc.questionnaires import store as questionnaires
from outcomes_svc.results import api as results_api
from outcomes_svc.scoring import api as scoring_api
from outcomes_svc.scoring import store as scores
from outcomes_svc.settings import OutcomesSettings
from outcomes_svc.simulation import api as simulation_api

SERVICE = Service(
    name="outcomes-svc",
    settings=OutcomesSettings,
    blueprints=(
        instruments_api.blp,
        licences_api.blp,
        questionnaires_api.blp,
        scoring_api.blp,
        episodes_api.blp,
        follow_up_api.blp,
        alerts_api.blp,
        assessments_api.blp,
        guidance_api.blp,
        patient_page.blp,
        findings_api.blp,
        progress_api.blp,
        results_api.blp,
        patient_results_api.blp,
        patient_results_api.page_blp,
        performance_api.blp,
        simulation_api.blp,
        pay_api.blp,
        pay_pages.blp,
        disputes_api.blp,
        gaming_api.blp,
    ),
    handlers=events.CONSUMES,
    publishes=events.PUBLISHES,
    projections=(*patients.HANDLERS, *pay_handlers.HANDLERS),
    indexes=(
        *episodes.INDEXES,
        *scores.INDEXES,
        *assessments.INDEXES,
        *findings.INDEXES,
        *progress.INDEXES,
        *follow_up.INDEXES,
        *alerts.INDEXES,
        *guidance.INDEXES,
        *licences.INDEXES,
        *questionnaires.INDEXES,
        *pay.INDEXES,
        *disputes.INDEXES,
        *gaming.INDEXES,
    ),
    jobs=(
        Job("close-episodes", timedelta(hours=1), close_due_episodes),
        *follow_up_jobs.JOBS,
        *alerts_jobs.JOBS,
        *licence_jobs.JOBS,
        *pay_jobs.JOBS,
        *gaming_jobs.JOBS,
    ),
)
