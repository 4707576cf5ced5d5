"""The command line of a service: what is wrong is told in one line, and the exit code is honest."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError
from pymongo.errors import OperationFailure

from fascia import process
from fascia.backbone.dispatch import Fate
from fascia.backbone.replay import NotReplayable
from fascia.crypto.keyring import new_keyring
from fascia.service import Service
from fascia.settings import ServiceSettings, variables
from fascia.worker import PartFailed

SERVICE = Service("probe-svc", ServiceSettings, projections=("patient.registered",))


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _logging_as_before: None) -> Path:
    """What a service needs; returns the keyring's path."""
    path = tmp_path / "keyring.json"
    path.write_text(new_keyring())
    monkeypatch.setenv("FASCIA_MONGODB_URI", "mongodb://127.0.0.1:9/?replicaSet=x")
    monkeypatch.setenv("FASCIA_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.setenv("FASCIA_KEYRING_FILE", str(path))
    return path


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = process.main(SERVICE, words)
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def _raise(error: Exception) -> Any:
    def raising(*_: Any) -> None:
        raise error

    return raising


def test_settings_are_listed_without_any_being_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FASCIA_MONGODB_URI", raising=False)
    code, printed = _run(capsys, "settings")
    assert code == 0
    assert "FASCIA_MONGODB_URI\t-\tdatabase address" in printed
    assert len(printed.splitlines()) == len(variables(ServiceSettings))


@pytest.mark.parametrize("command", ["web", "worker", "migrate"])
def test_a_service_that_is_not_configured_says_what_is_missing_and_exits_with_2(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, environment: Path
) -> None:
    monkeypatch.delenv("FASCIA_KAFKA_BOOTSTRAP")
    monkeypatch.setenv("FASCIA_HTTP_PROT", "1")
    code, printed = _run(capsys, command)
    assert code == 2
    assert printed == (
        "probe-svc: FASCIA_KAFKA_BOOTSTRAP is not set: broker addresses, comma separated; "
        "FASCIA_HTTP_PROT is set but not a setting\n"
    )


@pytest.mark.parametrize("text", [None, "", "{}"])
def test_a_keyring_that_cannot_be_used_is_told_in_one_line(
    text: str | None, capsys: pytest.CaptureFixture[str], environment: Path
) -> None:
    environment.unlink() if text is None else environment.write_text(text)
    code, printed = _run(capsys, "worker")
    assert code == 2
    assert printed.startswith("probe-svc: cannot start: ")
    assert "keyring" in printed
    assert len(printed.splitlines()) == 1


def test_a_worker_that_was_asked_to_stop_exits_with_0(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, environment: Path
) -> None:
    monkeypatch.setattr(process, "run_worker", lambda *_: None)
    assert _run(capsys, "worker") == (0, "")


def test_a_worker_with_a_dead_part_exits_with_1_so_that_it_is_started_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, environment: Path
) -> None:
    monkeypatch.setattr(process, "run_worker", _raise(PartFailed("relay failed")))
    assert _run(capsys, "worker") == (1, "probe-svc: relay failed\n")


def test_a_database_that_refuses_a_migration_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, environment: Path
) -> None:
    monkeypatch.setattr(process, "ensure_indexes", _raise(OperationFailure("index exists")))
    code, printed = _run(capsys, "migrate")
    assert code == 1
    assert printed.startswith("probe-svc: OperationFailure: ")


def test_a_replay_tells_what_became_of_the_events(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, environment: Path
) -> None:
    asked: list[Any] = []

    def replay(runtime: Any, handlers: Any, projections: Any, types: Any, name: str, progress: Any) -> Any:
        asked.extend([name, tuple(types)])
        progress(5)
        return {Fate.HANDLED: 4, Fate.DEAD: 1}

    monkeypatch.setattr(process, "replay", replay)
    code, printed = _run(capsys, "replay", "--name", "march")
    assert code == 0
    assert printed.splitlines()[-1] == "1 dead, 4 handled"
    assert asked == ["march", ("patient.registered",)]
    monkeypatch.setattr(process, "replay", lambda *_: {})
    assert _run(capsys, "replay", "--name", "march")[1].splitlines()[-1] == "nothing to read"


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (NotReplayable("message.sent: not a projection"), 2, "message.sent: not a projection"),
        (KafkaTimeoutError("x"), 1, "KafkaTimeoutError: nothing is lost, the same --name goes on"),
    ],
)
def test_a_replay_that_cannot_be_is_told_in_one_line(
    error: Exception,
    code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    environment: Path,
) -> None:
    monkeypatch.setattr(process, "replay", _raise(error))
    assert _run(capsys, "replay", "--name", "march", "--types", "message.sent") == (code, f"probe-svc: {told}\n")


def test_a_replay_needs_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        process.main(SERVICE, ["replay"])
    assert refused.value.code == 2
    assert "--name" in capsys.readouterr().err


def test_the_worker_gets_the_runtime_of_its_settings(monkeypatch: pytest.MonkeyPatch, environment: Path) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(process, "run_worker", lambda service, runtime: seen.append(runtime))
    monkeypatch.setattr(process, "configure_tracing", lambda *_: None)
    process.main(SERVICE, ["worker"])
    assert seen[0].database.name == "fascia_probe"
    assert seen[0].settings.kafka_bootstrap == "127.0.0.1:9"
