"""What each service says it publishes and consumes agrees with the catalogue of events."""

from __future__ import annotations

import pytest

from fascia.contracts import CATALOGUE
from fascia.service import Service
from notify_svc.service import SERVICE as NOTIFY
from outcomes_svc.service import SERVICE as OUTCOMES
from records_svc.service import SERVICE as RECORDS
from scheduling_svc.service import SERVICE as SCHEDULING

SERVICES = (SCHEDULING, RECORDS, OUTCOMES, NOTIFY)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_publishes_what_the_catalogue_says_it_produces(service: Service) -> None:
    produced = {known.type for known in CATALOGUE.values() if known.producer == service.name}
    assert service.publishes
    assert set(service.publishes) <= produced


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_handles_known_events_and_replays_only_what_it_handles(service: Service) -> None:
    assert set(service.handlers) <= set(CATALOGUE)
    assert set(service.projections) <= set(service.handlers)
