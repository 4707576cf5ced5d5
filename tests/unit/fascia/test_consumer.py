"""The consumer's loop, with a broker and a dispatcher that do as they are told: nothing is skipped, nothing drained."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import CommitFailedError, KafkaConnectionError, RebalanceInProgressError
from prometheus_client import REGISTRY
from pymongo.errors import AutoReconnect

from fascia.backbone import consumer as consumer_module
from fascia.backbone.consumer import MASS_FAILURE, Consumer, MassFailure
from fascia.backbone.dead_letters import Record, State
from fascia.backbone.dispatch import Fate
from fascia.clock import FixedClock

NOW = datetime(2027, 1, 11, 14, 0, tzinfo=UTC)
TOPIC = "fascia.probe"
PLACE = TopicPartition(TOPIC, 0)


class FakeBroker:
    """One partition and the group's committed offset; what is not committed comes again to the next who joins."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = list(keys)
        self.committed = 0
        self.commit_fault: Exception | None = None
        self.joined = 0
        self.left = 0

    def connect(self) -> FakeKafka:
        self.joined += 1
        return FakeKafka(self)


class FakeKafka:
    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker
        self._position = broker.committed

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        offsets = range(self._position, min(self._position + 50, len(self._broker.keys)))
        self._position = offsets.stop
        records = [self._record(offset) for offset in offsets]
        return {PLACE: records} if records else {}

    def commit(self, offsets: dict[TopicPartition, Any]) -> None:
        if self._broker.commit_fault is not None:
            raise self._broker.commit_fault
        self._broker.committed = offsets[PLACE].offset

    def highwater(self, place: TopicPartition) -> int:
        return len(self._broker.keys)

    def close(self, autocommit: bool, timeout_ms: int) -> None:
        assert not autocommit, "what was not taken must not be committed"
        self._broker.left += 1

    def _record(self, offset: int) -> Any:
        headers = [("ce_id", str(offset).encode()), ("ce_time", NOW.isoformat().encode())]
        return SimpleNamespace(
            topic=TOPIC,
            partition=0,
            offset=offset,
            key=self._broker.keys[offset].encode(),
            value=b"{}",
            headers=headers,
        )


class FakeLetters:
    def __init__(self) -> None:
        self.blocked: set[str] = set()
        self.asked: list[Any] = []

    def blocked_lanes(self) -> set[str]:
        return set(self.blocked)

    def resting(self, state: State) -> list[Any]:
        assert state is State.REDRIVE
        return self.asked


class FakeDispatcher:
    """The fate of a record is what its key says; `react` may raise or look around before."""

    def __init__(self, react: Callable[[Record], None] = lambda _: None) -> None:
        self.letters = FakeLetters()
        self.taken: list[int] = []
        self.looks = 0
        self.redriven: list[Any] = []
        self._react = react

    def dispatch(self, record: Record, blocked: set[str]) -> Fate:
        self._react(record)
        self.taken.append(record.offset)
        return Fate(record.key)

    def received(self, records: Iterable[Record]) -> set[str]:
        self.looks += 1
        return {record.id for record in records if record.key == Fate.DUPLICATE}

    def redrive(self, letter: Any) -> bool:
        self.redriven.append(letter)
        return True


def _consumer(broker: FakeBroker, dispatcher: FakeDispatcher) -> Consumer:
    runtime: Any = SimpleNamespace(clock=FixedClock(NOW))
    made: Any = dispatcher
    return Consumer(runtime, made, "probe", [TOPIC], connect=broker.connect)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the consumer waited; no test waits for it."""
    waited: list[float] = []

    class Patient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return self.is_set()

    monkeypatch.setattr(consumer_module.threading, "Event", Patient)
    return waited


def _run_until(consumer: Consumer, enough: Callable[[], bool], turns: int = 300) -> None:
    """Run the loop in this thread; it is told to stop as soon as `enough` holds."""
    stop = consumer_module.threading.Event()
    usual, left = consumer.step, [turns]

    def step(stop: threading.Event) -> int:
        left[0] -= 1
        assert left[0], "did not happen"
        if enough():
            stop.set()
            return 0
        return usual(stop)

    consumer.step = step  # type: ignore[method-assign]
    consumer.run(stop)


def test_what_was_taken_is_committed_and_nothing_else(waits: list[float]) -> None:
    broker = FakeBroker(["handled"] * 120)
    dispatcher = FakeDispatcher()
    _run_until(_consumer(broker, dispatcher), lambda: broker.committed == 120)
    assert dispatcher.taken == list(range(120))
    assert broker.left == broker.joined == 1


def _paused() -> float | None:
    """What an operator's dashboard shows."""
    return REGISTRY.get_sample_value("fascia_consumer_paused", {"consumer": "probe"})


def test_a_mass_failure_pauses_instead_of_draining_the_topic(waits: list[float]) -> None:
    broker = FakeBroker(["handled"] * 5 + ["dead"] * 200)
    dispatcher = FakeDispatcher()
    consumer = _consumer(broker, dispatcher)
    _run_until(consumer, lambda: waits.count(30.0) == 4)
    # Ten failures, then one trial for each half minute of pause.
    assert broker.committed == 5 + MASS_FAILURE + 3
    assert _paused() == 1
    assert dispatcher.taken == list(range(broker.committed))


def test_a_mass_failure_is_seen_between_other_services_events(waits: list[float]) -> None:
    """Most records of a topic may be of types that nobody here handles: they say nothing about our handlers."""
    broker = FakeBroker((["ignored"] * 9 + ["dead"]) * 40)
    dispatcher = FakeDispatcher()
    _run_until(_consumer(broker, dispatcher), lambda: bool(waits.count(30.0)))
    assert broker.committed <= 10 * (MASS_FAILURE + 1)


def test_a_mass_failure_that_is_mended_goes_on_by_itself(waits: list[float]) -> None:
    broker = FakeBroker(["dead"] * 10 + ["handled"] * 100)
    dispatcher = FakeDispatcher()
    consumer = _consumer(broker, dispatcher)
    _run_until(consumer, lambda: broker.committed == 110)
    assert waits.count(30.0) == 1
    assert _paused() == 0


def test_a_few_failures_among_many_successes_stop_nothing(waits: list[float]) -> None:
    broker = FakeBroker((["handled"] * 9 + ["dead"]) * 30)
    _run_until(_consumer(broker, FakeDispatcher()), lambda: broker.committed == 300)
    assert waits == []


@pytest.mark.parametrize("fault", [CommitFailedError(), RebalanceInProgressError()])
def test_a_commit_that_a_rebalance_refused_is_routine(waits: list[float], fault: Exception) -> None:
    broker = FakeBroker(["handled"] * 60)
    dispatcher = FakeDispatcher()
    broker.commit_fault = fault

    def enough() -> bool:
        if len(dispatcher.taken) == 50:
            broker.commit_fault = None
        return broker.committed == 60

    _run_until(_consumer(broker, dispatcher), enough)
    assert broker.joined == 1, "the group was left for nothing"
    assert waits == []


def test_a_broker_that_is_away_is_waited_for(waits: list[float]) -> None:
    broker = FakeBroker(["handled"] * 3)
    away = [KafkaConnectionError(), OSError("no route"), KafkaConnectionError()]
    usual = broker.connect

    def connect() -> FakeKafka:
        if away:
            raise away.pop()
        return usual()

    broker.connect = connect  # type: ignore[method-assign]
    _run_until(_consumer(broker, FakeDispatcher()), lambda: broker.committed == 3)
    assert waits == [1.0, 1.0, 1.0]


def test_a_database_that_goes_away_in_a_batch_costs_no_record_and_blames_none(waits: list[float]) -> None:
    faults = [AutoReconnect("gone"), AutoReconnect("gone")]

    def react(record: Record) -> None:
        if record.offset == 7 and faults:
            raise faults.pop()

    broker = FakeBroker(["handled"] * 20)
    dispatcher = FakeDispatcher(react)
    _run_until(_consumer(broker, dispatcher), lambda: broker.committed == 20)
    assert dispatcher.taken == list(range(20))
    assert broker.joined == 3
    assert waits == [1.0, 1.0]


def test_stop_finishes_the_record_in_hand_commits_it_and_takes_no_other() -> None:
    stop = threading.Event()

    def react(record: Record) -> None:
        if record.offset == 7:
            stop.set()

    broker = FakeBroker(["handled"] * 20)
    dispatcher = FakeDispatcher(react)
    _consumer(broker, dispatcher).run(stop)
    assert dispatcher.taken == list(range(8))
    assert broker.committed == 8
    assert broker.left == 1


def test_what_an_operator_wants_tried_again_is_tried_before_new_records(waits: list[float]) -> None:
    broker = FakeBroker(["handled"] * 5)
    dispatcher = FakeDispatcher()
    dispatcher.letters.asked = ["letter"]
    _run_until(_consumer(broker, dispatcher), lambda: bool(dispatcher.redriven) and broker.committed == 5)
    assert dispatcher.redriven == ["letter"]


def test_a_fault_of_the_code_itself_ends_the_loop_visibly() -> None:
    def react(record: Record) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _consumer(FakeBroker(["handled"]), FakeDispatcher(react)).run(threading.Event())


def test_after_a_mass_failure_a_single_step_takes_nothing() -> None:
    broker = FakeBroker(["dead"] * 50)
    dispatcher = FakeDispatcher()
    consumer = _consumer(broker, dispatcher)
    consumer._kafka = broker.connect()
    with pytest.raises(MassFailure):
        consumer.step(threading.Event())
    assert broker.committed == MASS_FAILURE


def test_a_history_that_comes_again_is_dropped_by_one_look_a_poll() -> None:
    keys = ["handled"] * 50 + ["duplicate"] * 200 + ["handled"] * 100
    broker, dispatcher = FakeBroker(keys), FakeDispatcher()
    consumer = _consumer(broker, dispatcher)
    consumer._kafka = broker.connect()

    while consumer.step(threading.Event()):
        pass

    # The first poll that meets one takes its records one by one; the three after it are dropped by a look each.
    assert dispatcher.taken == [*range(100), *range(250, 350)]
    assert dispatcher.looks == 4
    assert broker.committed == len(keys)
