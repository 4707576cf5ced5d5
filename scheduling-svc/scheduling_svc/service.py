"""The service in one value: what it serves, keeps, publishes and does by the clock."""

from __future__ import annotations

from fascia.service import Job, Service
from scheduling_svc import events, store
from scheduling_svc.board import api as board_api
from scheduling_svc.board import pages as board_pages
from scheduling_svc.booking import api as booking_api
from scheduling_svc.booking import holding
from scheduling_svc.booking import store as booking_store
from scheduling_svc.budget import api as budget_api
from scheduling_svc.disruption import api as disruption_api
from scheduling_svc.disruption import jobs as disruption_jobs
from scheduling_svc.disruption import searching as disruption_search
from scheduling_svc.disruption import store as disruption_store
from scheduling_svc.expecting import jobs as expecting_jobs
from scheduling_svc.patients import api as patients_api
from scheduling_svc.plans import api as plans_api
from scheduling_svc.plans import jobs as plans_jobs
from scheduling_svc.plans import store as plans_store
from scheduling_svc.routes import api as routes_api
from scheduling_svc.routes import pages as route_page
from scheduling_svc.routes import store as routes_store
from scheduling_svc.routing import api as routing_api
from scheduling_svc.routing import store as routing_store
from scheduling_svc.settings import SchedulingSettings
from scheduling_svc.travel import api as travel_api
from scheduling_svc.travel import describing as travel_describing
from scheduling_svc.travel import store as travel_store
from scheduling_svc.waitlist import api as waitlist_api
from scheduling_svc.waitlist import store as waitlist_store
from scheduling_svc.workforce import api as workforce_api
from scheduling_svc.workforce import store as workforce_store

SERVICE = Service(
    name="scheduling-svc",
    settings=SchedulingSettings,
    blueprints=(
        workforce_api.blp,
        patients_api.blp,
        booking_api.blp,
        routing_api.blp,
        routes_api.blp,
        route_page.blp,
        plans_api.blp,
        disruption_api.blp,
        board_api.blp,
        board_pages.blp,
        waitlist_api.blp,
        budget_api.blp,
        travel_api.blp,
    ),
    handlers=events.HANDLERS,
    publishes=events.PUBLISHES,
    indexes=(
        *workforce_store.INDEXES,
        *store.INDEXES,
        *booking_store.INDEXES,
        *routing_store.INDEXES,
        *routes_store.INDEXES,
        *travel_store.INDEXES,
        *plans_store.INDEXES,
        *waitlist_store.INDEXES,
        *disruption_store.INDEXES,
    ),
    jobs=(
        Job("hold-expiry", holding.EXPIRY_EVERY, holding.expire_holds),
        *plans_jobs.JOBS,
        Job("expected-demand", expecting_jobs.EXPECT_EVERY, expecting_jobs.expect_demand),
        Job("day-watch", disruption_jobs.WATCH_EVERY, disruption_jobs.watch_days),
    ),
    projections=events.PROJECTIONS,
    prepare=disruption_search.begin_to_load,
    details=travel_describing.health,
)
