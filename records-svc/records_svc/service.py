"""The service in one value: what it serves, keeps, publishes and does by the clock."""

from __future__ import annotations

from fascia.service import Job, Service
from records_svc import events
from records_svc.audit import api as audit_api
from records_svc.audit import chaining
from records_svc.audit import store as audit_store
from records_svc.chart import api as chart_api
from records_svc.chart import store as chart_store
from records_svc.evaluation import api as evaluation_api
from records_svc.evaluation import store as evaluation_store
from records_svc.imports import api as imports_api
from records_svc.imports import store as imports_store
from records_svc.intake import api as intake_api
from records_svc.intake import store as intake_store
from records_svc.notes import api as notes_api
from records_svc.notes import store as notes_store
from records_svc.patients import api as patients_api
from records_svc.patients import store as patients_store
from records_svc.prescription import api as prescription_api
from records_svc.prescription import store as prescription_store
from records_svc.progress import api as progress_api
from records_svc.progress import store as progress_store
from records_svc.settings import RecordsSettings

SERVICE = Service(
    name="records-svc",
    settings=RecordsSettings,
    blueprints=(
        patients_api.blp,
        intake_api.blp,
        evaluation_api.blp,
        prescription_api.blp,
        notes_api.blp,
        chart_api.blp,
        imports_api.blp,
        audit_api.blp,
        progress_api.blp,
    ),
    handlers=events.HANDLERS,
    publishes=events.PUBLISHES,
    indexes=(
        *patients_store.INDEXES,
        *intake_store.INDEXES,
        *evaluation_store.INDEXES,
        *prescription_store.INDEXES,
        *notes_store.INDEXES,
        *chart_store.INDEXES,
        *imports_store.INDEXES,
        *audit_store.INDEXES,
        *progress_store.INDEXES,
    ),
    jobs=(Job("audit-chain", chaining.EVERY, chaining.chain_all),),
    projections=events.PROJECTIONS,
)
