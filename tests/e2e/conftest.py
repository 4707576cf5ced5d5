"""One suite for all tests that only look at it; it runs on Apache Kafka where KAFKA_BOOTSTRAP says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fascia.testing.running_suite import RunningSuite


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    running = RunningSuite(tmp_path_factory.mktemp("suite") / "run", "--free-ports").wait_up()
    yield running
    running.stop()
