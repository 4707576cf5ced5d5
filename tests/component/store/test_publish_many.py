"""Changes in bulk: every event is in the outbox, in order, or none is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fascia.backbone.event import ContractViolation
from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.testing.harness import Harness

pytestmark = pytest.mark.embedded

SERVICE = Service(name="bulk-svc", settings=ServiceSettings)


def opted_out(harness: Harness, patient_id: str) -> dict[str, Any]:
    return {"patient_id": patient_id, "channel": "sms", "at": harness.clock.now()}


def test_many_events_leave_with_their_sequences(harness_of: Callable[..., Harness]) -> None:
    harness = harness_of(SERVICE)
    changes = [(opted_out(harness, f"p{number}"), number) for number in range(1, 4)]
    ids = harness.runtime.transaction("demo", lambda uow: uow.publish_many("contact.opted_out", changes))
    assert [(event.id, event.key, event.sequence) for event in harness.published()] == [
        (ids[0], "p1", 1),
        (ids[1], "p2", 2),
        (ids[2], "p3", 3),
    ]


def test_one_event_that_breaks_its_contract_keeps_all_back(harness_of: Callable[..., Harness]) -> None:
    harness = harness_of(SERVICE)
    changes = [(opted_out(harness, "p1"), 1), ({"patient_id": "p2"}, 1)]
    with pytest.raises(ContractViolation):
        harness.runtime.transaction("demo", lambda uow: uow.publish_many("contact.opted_out", changes))
    assert harness.published() == []


def test_nothing_to_publish_is_fine(harness_of: Callable[..., Harness]) -> None:
    assert harness_of(SERVICE).runtime.transaction("demo", lambda uow: uow.publish_many("contact.opted_out", [])) == []
