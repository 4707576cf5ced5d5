"""The life of a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fascia.problem import Conflict
from notify_svc.messages.message import Message, Rendered, State

NOW = datetime(2027, 1, 11, 15, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
WORDS = Rendered("Harbor", "+16175550100", "", "Hello")


def scheduled() -> Message:
    return Message(
        id="m1",
        cause="session:s1:follow_up",
        kind="follow_up",
        channel="sms",
        audience="patient",
        recipient_id="p1",
        appointment_id=None,
        content={},
        due_at=NOW,
        expires_at=NOW + timedelta(days=2),
        created_at=NOW,
    )


def sending() -> Message:
    return scheduled().begin(NOW, NOW + LEASE, "sms", WORDS)


def test_the_usual_way() -> None:
    message = sending().accepted(NOW, "SM1").delivered(NOW)

    assert message.state is State.DELIVERED
    assert [state for state, _ in message.history] == ["sending", "sent", "delivered"]
    assert message.version == 4


@pytest.mark.parametrize("state", list(State))
def test_what_is_over_stays_over(state: State) -> None:
    message = replace(scheduled(), state=state)
    steps = {
        State.CANCELLED: lambda: message.cancelled(NOW),
        State.SUPPRESSED: lambda: message.suppressed(NOW, "no_consent"),
        State.SENDING: lambda: message.begin(NOW, NOW + LEASE, "sms", WORDS),
    }
    for step in steps.values():
        if state is State.SCHEDULED:
            assert step().state is not State.SCHEDULED
        else:
            with pytest.raises(Conflict):
                step()


def test_a_message_that_may_be_with_the_provider_cannot_be_cancelled() -> None:
    with pytest.raises(Conflict):
        sending().cancelled(NOW)


def test_an_attempt_belongs_to_one_worker_until_its_lease_is_over() -> None:
    message = sending()

    assert not message.ready(NOW + timedelta(seconds=29))
    assert message.ready(NOW + LEASE)


def test_an_attempt_that_did_not_end_leaves_it_unclear_whether_it_was_sent() -> None:
    assert sending().unclear
    assert sending().again(NOW + LEASE, NOW + 2 * LEASE).unclear


def test_an_attempt_that_was_refused_for_now_is_clear() -> None:
    later = sending().try_later(NOW + timedelta(seconds=3), unclear=False, reason="smtp_451")

    assert (later.unclear, later.busy_until, later.state) == (False, None, State.SENDING)
    assert not later.ready(NOW)
    assert later.ready(NOW + timedelta(seconds=3))


def test_a_report_that_comes_twice_changes_nothing() -> None:
    delivered = sending().accepted(NOW, "SM1").delivered(NOW)

    assert delivered.delivered(NOW + LEASE) is delivered


def test_a_message_is_not_ready_before_it_is_due() -> None:
    assert not replace(scheduled(), due_at=NOW + LEASE).ready(NOW)
