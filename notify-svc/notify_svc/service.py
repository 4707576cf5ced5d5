"""notify-svc: SMS and email to patients and therapists."""

from __future__ import annotations

from fascia.service import Service
from notify_svc.alerts import api as alerts_api
from notify_svc.contacts import api as contacts_api
from notify_svc.contacts import store as contacts_store
from notify_svc.dispatch import api as dispatch_api
from notify_svc.due import store as due_store
from notify_svc.events import HANDLERS, PROJECTIONS, PUBLISHES
from notify_svc.links import api as links_api
from notify_svc.links import store as links_store
from notify_svc.messages import api as messages_api
from notify_svc.messages import store as messages_store
from notify_svc.policy import api as policy_api
from notify_svc.reminders import store as reminders_store
from notify_svc.sending.jobs import JOBS
from notify_svc.settings import NotifySettings
from notify_svc.webhooks import api as webhooks_api
from notify_svc.webhooks import inbound

SERVICE = Service(
    name="notify-svc",
    settings=NotifySettings,
    blueprints=(
        contacts_api.blp,
        policy_api.blp,
        alerts_api.blp,
        dispatch_api.blp,
        messages_api.blp,
        webhooks_api.blp,
        links_api.blp,
    ),
    handlers=HANDLERS,
    publishes=PUBLISHES,
    indexes=(
        *contacts_store.INDEXES,
        *messages_store.INDEXES,
        *due_store.INDEXES,
        *links_store.INDEXES,
        *reminders_store.INDEXES,
        *inbound.INDEXES,
    ),
    jobs=JOBS,
    projections=PROJECTIONS,
)
