"""SecantusDB: the embedded set's MongoDB-compatible database, on disk. A process of its own, never imported."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from fascia.devset.ports import HOST, answers
from fascia.devset.processes import Program


class DatabaseMissingError(RuntimeError):
    """The embedded database is not installed."""


def executable() -> str:
    """The server's start script, beside this Python or on the path."""
    beside = Path(sys.executable).parent / "secantusd-py"
    found = str(beside) if beside.exists() else shutil.which("secantusd-py")
    if found is None:
        raise DatabaseMissingError(
            "the embedded database (secantusdb) is not installed: `make install`, or use --mongodb URI"
        )
    return found


def uri(port: int) -> str:
    """How clients reach it."""
    return f"mongodb://{HOST}:{port}/?replicaSet=secantus&retryWrites=true&w=majority"


def program(port: int, folder: Path, logs: Path) -> Program:
    """The database on a port, on its own folder. Without --sync-on-commit a kill loses acknowledged transactions."""
    folder.mkdir(parents=True, exist_ok=True)
    return Program(
        name="database",
        argv=(
            *(executable(), "--host", HOST, "--port", str(port)),
            *("--storage-path", str(folder), "--sync-on-commit", "--log-level", "WARNING"),
        ),
        log=logs / "database.log",
        ports=(port,),
        ready=lambda: answers(port) and ping(uri(port)),
        ready_seconds=60,
    )


def ping(address: str, seconds: float = 2.0) -> bool:
    """Whether a primary answers at an address."""
    milliseconds = int(seconds * 1000)
    try:
        client: MongoClient[dict[str, object]]
        with MongoClient(address, serverSelectionTimeoutMS=milliseconds, connectTimeoutMS=milliseconds) as client:
            client.admin.command("ping")
    except PyMongoError:
        return False
    return True
