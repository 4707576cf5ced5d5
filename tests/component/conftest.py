"""Component tests run one service against a real database and, where events travel, a real broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fascia.service import Service
from fascia.testing import backing
from fascia.testing.harness import Harness


@pytest.fixture(scope="session")
def mongodb_uri() -> Iterator[str]:
    with backing.database_uri() as uri:
        yield uri


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    with backing.kafka_bootstrap() as bootstrap:
        yield bootstrap


@pytest.fixture
def harness_of(mongodb_uri: str) -> Iterator[Callable[..., Harness]]:
    """Make harnesses; each has a database of its own, which is dropped when the test ends."""
    made: list[Harness] = []

    def make(service: Service, **environ: str) -> Harness:
        made.append(Harness(service, mongodb_uri, environ))
        return made[-1]

    yield make
    for harness in made:
        harness.close()
