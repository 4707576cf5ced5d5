"""The relay with a real outbox and a producer that does as it is told: order per key, one sender, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError
from opentelemetry import trace
from prometheus_client import REGISTRY
from pymongo.errors import AutoReconnect

from fascia.backbone.dead_letters import Record
from fascia.backbone.dispatch import Fate
from fascia.backbone.event import from_kafka_headers
from fascia.backbone.outbox_replay import OutboxReplay
from fascia.backbone.relay import LEASE_LENGTH, Relay
from fascia.clock import SystemClock
from fascia.observability.tracing import configure_tracing, current_trace_id
from fascia.runtime import Runtime

SEALED_TYPE = "patient.registered"


class FakeProducer:
    """Acknowledges everything but the keys that are told to fail: when it is sent, or when the answer is due."""

    def __init__(self) -> None:
        self.sent: list[Record] = []
        self.unanswered: set[str] = set()
        self.unanswered_once: set[tuple[str, int]] = set()
        self.refused: dict[str, Exception] = {}
        self.closed = 0
        self.on_send: Callable[[], None] = lambda: None

    def send(self, topic: str, *, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> FakeAnswer:
        name = key.decode()
        self.on_send()
        if name in self.refused:
            raise self.refused[name]
        record = Record(topic, 0, len(self.sent), name, value, from_kafka_headers(headers))
        place = (name, int(record.headers["ce_sequence"]))
        if name in self.unanswered or place in self.unanswered_once:
            self.unanswered_once.discard(place)
            return FakeAnswer(KafkaTimeoutError("no answer"))
        self.sent.append(record)
        return FakeAnswer(None)

    def close(self, timeout: float) -> None:
        self.closed += 1

    def order(self) -> list[tuple[str, int]]:
        return [(record.key, int(record.headers["ce_sequence"])) for record in self.sent]


class FakeAnswer:
    def __init__(self, fault: Exception | None) -> None:
        self._fault = fault

    def get(self, timeout: float) -> None:
        if self._fault:
            raise self._fault


@pytest.fixture
def producer() -> FakeProducer:
    return FakeProducer()


@pytest.fixture
def relay(probe: Any, producer: FakeProducer) -> Relay:
    return Relay(probe.runtime, lambda: producer)


def _fill(probe: Any, keys: str, sequences: int) -> None:
    for sequence in range(1, sequences + 1):
        for key in keys:
            probe.publish(key, sequence)


def _of(key: str, producer: FakeProducer) -> list[int]:
    return [sequence for name, sequence in producer.order() if name == key]


def test_everything_is_sent_once_and_each_key_in_order(probe: Any, relay: Relay, producer: FakeProducer) -> None:
    _fill(probe, "abc", 3)
    assert relay.step() == 9
    for key in "abc":
        assert _of(key, producer) == [1, 2, 3]
    assert probe.outbox.count_pending() == 0
    assert relay.step() == 0
    assert len(producer.sent) == 9


def test_versions_leave_in_order_although_a_machine_s_clock_was_behind(
    probe: Any, relay: Relay, producer: FakeProducer
) -> None:
    for sequence in (3, 1, 2):
        probe.publish("a", sequence)
    relay.step()
    assert _of("a", producer) == [1, 2, 3]


def test_a_key_whose_send_fails_is_held_back_and_the_others_go(
    probe: Any, relay: Relay, producer: FakeProducer
) -> None:
    _fill(probe, "abc", 3)
    producer.unanswered = {"b"}
    assert relay.step() == 6
    assert _of("a", producer) == _of("c", producer) == [1, 2, 3]
    assert _of("b", producer) == []
    assert probe.outbox.count_pending() == 3
    producer.unanswered = set()
    probe.publish("b", 4)
    relay.step()
    assert _of("b", producer) == [1, 2, 3, 4]


def test_a_key_that_fails_in_the_middle_goes_on_where_it_stopped(
    probe: Any, relay: Relay, producer: FakeProducer
) -> None:
    _fill(probe, "ab", 4)
    producer.unanswered_once = {("b", 2)}
    relay.step()
    assert _of("b", producer) == [1]
    relay.step()
    assert _of("b", producer) == [1, 2, 3, 4]
    assert _of("a", producer) == [1, 2, 3, 4]


def test_a_record_that_is_too_large_holds_back_its_own_key_only(
    probe: Any, relay: Relay, producer: FakeProducer
) -> None:
    _fill(probe, "abc", 2)
    producer.refused = {"a": MessageSizeTooLargeError("2 MB")}
    assert relay.step() == 4
    assert _of("b", producer) == _of("c", producer) == [1, 2]
    assert probe.outbox.count_pending() == 2
    with pytest.raises(MessageSizeTooLargeError):
        relay.step()  # nothing but that is left: the loop waits a second before it tries again


def test_a_topic_that_is_missing_holds_back_its_own_events_only(
    probe: Any, relay: Relay, producer: FakeProducer
) -> None:
    for key in ("p1", "p2", "p3"):
        probe.publish(key, 1, SEALED_TYPE)
        producer.refused[key] = KafkaTimeoutError("topic not in metadata after 10 s")
    _fill(probe, "abc", 1)
    waited: list[int] = []
    producer.on_send = lambda: waited.append(1)
    assert relay.step() == 3
    assert len(waited) == 4, "the wait for a missing topic is paid once a round, not for every event"


def test_a_broker_that_is_away_is_waited_for_with_a_new_connection(probe: Any) -> None:
    _fill(probe, "ab", 2)
    stop = threading.Event()
    made: list[FakeProducer] = []

    def make() -> FakeProducer:
        made.append(FakeProducer())
        if len(made) == 1:
            made[0].unanswered = {"a", "b"}
        if len(made) == 2:
            made.append(FakeProducer())
            raise KafkaConnectionError("nobody there")
        return made[-1]

    relay = Relay(probe.runtime, make)
    turns = [0]
    usual = relay.step

    def step() -> int:
        turns[0] += 1
        if probe.outbox.count_pending() == 0 or turns[0] > 20:
            stop.set()
            return 0
        return usual()

    relay.step = step  # type: ignore[method-assign]
    relay.run(stop)
    assert made[0].closed == 1
    assert made[0].sent == []
    for key in "ab":
        assert _of(key, made[-1]) == [1, 2]


def test_of_two_relays_one_sends(probe: Any, relay: Relay, producer: FakeProducer) -> None:
    other = Relay(probe.runtime, lambda: producer)
    _fill(probe, "ab", 2)
    assert relay.step() == 4
    _fill(probe, "c", 2)
    assert other.step() == 0
    assert relay.step() == 2
    assert len(producer.sent) == 6


def test_another_relay_takes_over_when_the_sender_is_gone_for_longer_than_its_lease(probe: Any, relay: Relay) -> None:
    relay.step()
    _fill(probe, "a", 2)
    other = Relay(probe.runtime, FakeProducer)
    probe.harness.clock.advance(LEASE_LENGTH - timedelta(milliseconds=1))
    assert other.step() == 0
    probe.harness.clock.advance(timedelta(milliseconds=1))
    assert other.step() == 2


def test_a_relay_that_stops_lets_another_go_on_at_once(probe: Any, relay: Relay) -> None:
    relay.step()
    stop = threading.Event()
    stop.set()
    relay.run(stop)
    _fill(probe, "a", 1)
    assert Relay(probe.runtime, FakeProducer).step() == 1


def test_an_old_holder_that_lost_its_lease_sends_nothing(probe: Any, relay: Relay, producer: FakeProducer) -> None:
    relay.step()
    probe.harness.clock.advance(LEASE_LENGTH * 2)  # asleep for too long
    newcomer = Relay(probe.runtime, FakeProducer)
    newcomer.step()
    _fill(probe, "a", 3)
    assert relay.step() == 0
    assert producer.sent == []
    assert newcomer.step() == 3


def test_a_holder_that_loses_its_lease_while_it_sends_stops_after_what_is_in_hand(
    probe: Any, relay: Relay, producer: FakeProducer
) -> None:
    _fill(probe, "a", 4)
    newcomer = Relay(probe.runtime, FakeProducer)

    def freeze() -> None:
        if len(producer.sent) == 1:
            probe.harness.clock.advance(LEASE_LENGTH * 2)
            assert newcomer.step() == 3  # takes over, sends what is not marked

    producer.on_send = freeze
    relay.step()
    assert _of("a", producer) == [1, 2]
    assert probe.outbox.count_pending() == 0


def test_a_crash_between_the_send_and_its_mark_sends_again_and_takes_effect_once(
    probe: Any, producer: FakeProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(probe, "ab", 2)
    dying = Relay(probe.runtime, lambda: producer)
    with monkeypatch.context() as patch:
        patch.setattr(dying._outbox, "mark_sent", _die)
        with pytest.raises(AutoReconnect):
            dying.step()
    probe.harness.clock.advance(LEASE_LENGTH)
    Relay(probe.runtime, lambda: producer).step()
    assert len(producer.sent) > 4
    fates = [probe.deliver(record) for record in producer.sent]
    assert fates.count(Fate.HANDLED) == 4
    assert fates.count(Fate.DUPLICATE) == len(producer.sent) - 4
    assert probe.seen("a") == probe.seen("b") == [1, 2]


def _die(*_: Any) -> None:
    raise AutoReconnect("the process is killed here")


def test_retained_events_are_sent_again_to_a_broker_that_lost_everything_even_after_a_first_fault(
    probe: Any, relay: Relay, producer: FakeProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(probe, "ab", 2)
    relay.step()
    probe.harness.clock.advance(LEASE_LENGTH)
    settings = type(probe.runtime.settings)(**{**probe.runtime.settings.__dict__, "broker_generation": "2"})
    fresh = FakeProducer()
    restarted = Relay(Runtime(**{**probe.runtime.__dict__, "settings": settings}), lambda: fresh)
    with monkeypatch.context() as patch:
        patch.setattr(restarted._replay, "begin", _die)
        with pytest.raises(AutoReconnect):
            restarted.step()
    assert restarted.step() == 4
    assert _of("a", fresh) == [1, 2]
    assert restarted.step() == 0


def test_a_long_history_is_sent_again_piece_by_piece_and_taken_up_where_a_dead_process_left_it(
    probe: Any, relay: Relay
) -> None:
    _fill(probe, "abcdef", 5)
    while relay.step():
        pass
    probe.harness.clock.advance(LEASE_LENGTH)
    settings = type(probe.runtime.settings)(**{**probe.runtime.settings.__dict__, "broker_generation": "2"})
    runtime = Runtime(**{**probe.runtime.__dict__, "settings": settings})
    first, second = FakeProducer(), FakeProducer()

    def restarted(producer: FakeProducer) -> Relay:
        relay = Relay(runtime, lambda: producer)
        relay._replay = OutboxReplay(runtime.database, piece=4)
        return relay

    dying = restarted(first)
    assert [dying.step() > 0 for _ in range(3)] == [True] * 3
    probe.publish("a", 6)
    probe.harness.clock.advance(LEASE_LENGTH)
    heir = restarted(second)
    while heir.step():
        pass
    sent = [_of(key, first) + _of(key, second) for key in "abcdef"]
    assert sent == [[1, 2, 3, 4, 5, 6], *[[1, 2, 3, 4, 5]] * 5]
    assert 0 < len(first.sent) < 30


def test_a_long_backlog_leaves_in_order_over_several_batches(probe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    producer = FakeProducer()
    relay = Relay(probe.runtime, lambda: producer)
    usual = probe.outbox.pending
    monkeypatch.setattr(relay._outbox, "pending", lambda: usual(limit=5))
    # The clock of the machine that wrote version 1 was ahead: its id sorts last.
    for sequence in (4, 3, 2):
        probe.publish("a", sequence)
    _fill(probe, "bc", 3)
    probe.publish("a", 1)
    while relay.step():
        pass
    assert _of("a", producer) == [1, 2, 3, 4]
    assert _of("b", producer) == _of("c", producer) == [1, 2, 3]


def test_rows_are_kept_for_their_time_and_not_longer_and_never_deleted_unsent(probe: Any, relay: Relay) -> None:

    probe.publish("a", 1)
    relay.step()
    probe.publish("b", 1)
    now = SystemClock().now()  # ids carry the machine's time
    assert probe.outbox.purge(now + timedelta(days=29), 30) == 0
    assert probe.outbox.purge(now + timedelta(days=31), 30) == 1
    assert [row.key for row in probe.outbox.pending()] == ["b"]


def test_the_age_of_the_oldest_unsent_event_is_told(probe: Any, relay: Relay, producer: FakeProducer) -> None:

    def age() -> float | None:
        return REGISTRY.get_sample_value("fascia_outbox_age_seconds", {"service": probe.runtime.service})

    probe.publish("a", 1)
    probe.harness.clock.advance(timedelta(minutes=3))
    producer.unanswered = {"a"}
    with pytest.raises(KafkaTimeoutError):
        relay.step()
    assert age() == 180.0
    producer.unanswered = set()
    relay.step()
    relay.step()
    assert age() == 0.0


def test_the_trace_of_the_request_travels_with_its_event(probe: Any, relay: Relay, producer: FakeProducer) -> None:

    configure_tracing("probe-svc")
    with trace.get_tracer("test").start_as_current_span("request"):
        probe.publish("a", 1)
        trace_id = current_trace_id()
    relay.step()
    [record] = producer.sent
    assert record.headers["traceparent"].split("-")[1] == trace_id
