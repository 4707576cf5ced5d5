"""Where tests find a database and a broker: addresses in the environment, containers, or the embedded set."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from fascia.devset import broker, database
from fascia.devset.processes import Program


def free_port() -> int:
    """A port of 127.0.0.1 that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def database_uri() -> Iterator[str]:
    """A database for the length of a test run: $MONGODB_URI, a container where an engine answers, or SecantusDB."""
    if uri := os.environ.get("MONGODB_URI"):
        yield uri
        return
    if _engine_answers():
        from testcontainers.community.mongodb import MongoDBAtlasLocalContainer

        with MongoDBAtlasLocalContainer() as container:
            yield container.get_connection_url()
        return
    with tempfile.TemporaryDirectory(prefix="fascia-db-") as name:
        folder, port = Path(name), free_port()
        with _running(database.program(port, folder / "data", folder)):
            yield database.uri(port)


@contextlib.contextmanager
def kafka_bootstrap() -> Iterator[str]:
    """A broker for the length of a test run: $KAFKA_BOOTSTRAP, a container where an engine answers, or Tansu."""
    if bootstrap := os.environ.get("KAFKA_BOOTSTRAP"):
        yield bootstrap
        return
    if _engine_answers():
        from testcontainers.community.kafka import KafkaContainer

        with KafkaContainer().with_kraft() as container:
            yield container.get_bootstrap_server()
        return
    with tempfile.TemporaryDirectory(prefix="fascia-broker-") as name:
        port = free_port()
        with _running(broker.program(port, Path(name))):
            yield f"127.0.0.1:{port}"


def _engine_answers() -> bool:
    """Whether a container engine answers. Its client alone, as on many machines, does not count."""
    if not (Path("/var/run/docker.sock").exists() or os.environ.get("DOCKER_HOST")) or not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False).returncode == 0


@contextlib.contextmanager
def _running(program: Program) -> Iterator[None]:
    with program.log.open("wb") as output:
        child = subprocess.Popen(list(program.argv), stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait(program, child)
            yield
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait(program: Program, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + program.ready_seconds
    while time.monotonic() < deadline and child.poll() is None:
        with contextlib.suppress(OSError):
            if program.ready():
                return
        time.sleep(0.02)
    raise RuntimeError(f"the {program.name} did not come up: {program.log.read_text(errors='replace')[-500:]}")
