"""`fascia dead-letters` and `fascia keys`: an operator sees what rests and why, mends it, and sees no person."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fascia import cli
from fascia.backbone.dead_letters import State
from fascia.backbone.replay import replay_group
from fascia.crypto.keyring import key_id_of, new_keyring

COLUMNS = ["STATE", "SINCE", "(UTC)", "TYPE", "KEY", "TRIES", "ERROR", "EVENT"]
Fascia = Callable[..., tuple[int, str]]


@pytest.fixture
def fascia(records_probe: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fascia:
    """Run `fascia dead-letters` against the probe's database; returns exit code and everything that was printed."""
    settings = records_probe.harness.settings
    monkeypatch.setenv("FASCIA_MONGODB_URI", settings.mongodb_uri)
    monkeypatch.setenv("FASCIA_DATABASE", settings.database)
    monkeypatch.setenv("FASCIA_KEYRING_FILE", settings.keyring_file)

    def run(action: str, *words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = cli.main(["dead-letters", action, *words, "--service", "records-svc"])
        printed = capsys.readouterr()
        for personal in ("Zebulon", "Sample", "6175550123", "1980"):
            assert personal not in printed.out + printed.err
        return code, printed.out + printed.err

    return run


@pytest.fixture
def failed(records_probe: Any) -> Any:
    """A probe with a failed patient of the key `k`, one record behind it, and one that nobody can read."""
    records_probe.handler.broken["k"] = RuntimeError("Zebulon Sample, +16175550123")
    records_probe.first = records_probe.record("k", 1, "patient.registered")
    records_probe.second = records_probe.record("k", 2, "patient.registered")
    records_probe.broken = records_probe.unreadable("u")
    for record in (records_probe.first, records_probe.second, records_probe.broken):
        records_probe.deliver(record)
    return records_probe


@pytest.fixture
def worker(records_probe: Any) -> Iterator[None]:
    """What the worker does about letters that it is asked to try again."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.05):
            for letter in records_probe.letters.resting(State.REDRIVE):
                records_probe.dispatcher.redrive(letter)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_the_list_tells_what_rests_why_and_since_when(failed: Any, fascia: Fascia) -> None:
    code, printed = fascia("list")
    assert code == 0
    head, first, second, broken, count = printed.splitlines()
    assert head.split() == COLUMNS
    assert first.split()[:7] == ["dead", "2027-01-11", "14:00:00", "patient.registered", "k", "1", "RuntimeError"]
    assert first.split()[7] == failed.first.id
    assert second.split()[0] == "parked"
    assert "behind an earlier record of its key" in second
    assert broken.split()[0] == "dead"
    assert "fields do not load: at, channel" in broken
    assert count == "3 at rest"


def test_the_list_of_an_empty_service_says_so(records_probe: Any, fascia: Fascia) -> None:
    assert fascia("list")[1].splitlines()[1:] == ["0 at rest"]


def test_show_names_the_fields_of_a_personal_payload_and_the_values_of_another(failed: Any, fascia: Fascia) -> None:
    code, printed = fascia("show", failed.first.id)
    assert code == 0
    assert "payload   identifies a person; its fields are: address, birth_date" in printed
    assert f"header    ce_id: {failed.first.id}" in printed
    assert "error     RuntimeError" in printed
    failed.handler.broken["m"] = RuntimeError()
    message = failed.record("m")
    failed.deliver(message)
    code, printed = fascia("show", message.id)
    assert code == 0
    assert "payload   channel: sms" in printed
    assert "payload   does not decode: fields do not load" in fascia("show", failed.broken.id)[1]


@pytest.mark.parametrize("words", [("show", "nobody"), ("redrive", "nobody"), ("discard", "nobody", "--reason", "x")])
def test_an_unknown_id_exits_with_2_and_changes_nothing(failed: Any, fascia: Fascia, words: tuple[str, ...]) -> None:
    before = failed.letters.resting()
    code, printed = fascia(*words)
    assert code == 2
    assert "nobody" in printed
    assert failed.letters.resting() == before


@pytest.mark.usefixtures("worker")
def test_a_redrive_after_the_fault_is_mended_empties_the_lane_in_order(failed: Any, fascia: Fascia) -> None:
    del failed.handler.broken["k"]
    code, printed = fascia("redrive", failed.first.id)
    assert (code, printed) == (0, "1 took effect, 0 failed again\n")
    assert failed.seen("k") == [1, 2]
    assert fascia("list")[1].splitlines()[-1] == "1 at rest"


@pytest.mark.usefixtures("worker")
def test_a_redrive_of_everything_tells_what_failed_again(failed: Any, fascia: Fascia) -> None:
    del failed.handler.broken["k"]
    code, printed = fascia("redrive")
    assert code == 1
    assert printed.splitlines()[0] == "1 took effect, 1 failed again"
    assert failed.broken.id in printed
    assert failed.seen("k") == [1, 2]


@pytest.mark.usefixtures("worker")
def test_a_redrive_of_one_that_waits_tells_that_its_predecessor_failed(failed: Any, fascia: Fascia) -> None:
    code, printed = fascia("redrive", failed.second.id)
    assert code == 1
    assert "behind an earlier record of its key" in printed


def test_a_redrive_without_a_worker_keeps_the_wish(
    failed: Any, fascia: Fascia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fascia.cli.dead_letters._REDRIVE_SECONDS", 0.3)
    code, printed = fascia("redrive", failed.first.id)
    assert code == 1
    assert "is it running?" in printed
    assert fascia("redrive", failed.broken.id, "--no-wait") == (0, "asked for 1\n")
    assert len(failed.letters.resting(State.REDRIVE)) == 2


def test_nothing_to_redrive_is_no_error(records_probe: Any, fascia: Fascia) -> None:
    assert fascia("redrive") == (0, "nothing to redrive\n")


@pytest.mark.usefixtures("worker")
def test_a_discard_gives_up_one_and_has_those_behind_it_tried(
    failed: Any, fascia: Fascia, until: Callable[..., None]
) -> None:
    del failed.handler.broken["k"]
    code, printed = fascia("discard", failed.first.id, "--reason", "registered twice")
    assert code == 0
    assert printed == f"discarded {failed.first.id} (registered twice); 1 of its key are tried now\n"
    until(lambda: failed.seen("k") == [2])
    until(lambda: not failed.letters.blocked_lanes())


def test_a_discard_needs_a_reason(failed: Any, fascia: Fascia) -> None:
    with pytest.raises(SystemExit) as refused:
        fascia("discard", failed.first.id)
    assert refused.value.code == 2
    assert len(failed.letters.resting()) == 3


def test_the_letters_of_a_replay_are_found_under_its_name(failed: Any, fascia: Fascia) -> None:
    failed.runtime.database["dead_letters"].update_many(
        {"key": "k"}, {"$set": {"consumer": replay_group("records-svc", "march")}}
    )
    assert fascia("list")[1].splitlines()[-1] == "1 at rest"
    assert fascia("list", "--replay", "march")[1].splitlines()[-1] == "2 at rest"
    code, printed = fascia("redrive", "--replay", "march")
    assert code == 1
    assert "run the replay again under the name march" in printed


def test_where_no_suite_runs_a_command_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FASCIA_MONGODB_URI", raising=False)
    code = cli.main(["dead-letters", "list", "--service", "records-svc", "--run-dir", str(tmp_path)])
    printed = capsys.readouterr()
    assert code == 1
    assert printed.err.startswith("fascia: no suite runs in ")
    assert cli.main(["keys", "show", "--run-dir", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("fascia: no keyring at ")


def test_keys_are_rotated_and_shown_while_a_process_uses_them(
    tmp_path: Path, probe: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(probe.harness.settings.keyring_file)
    sealed = probe.record("k", 1, "patient.registered")
    assert cli.main(["keys", "rotate", "--keyring", str(path)]) == 0
    assert capsys.readouterr().out.startswith("k2 seals from now on")
    assert cli.main(["keys", "show", "--keyring", str(path)]) == 0
    assert capsys.readouterr().out == "k2 is active\n"
    assert path.stat().st_mode & 0o077 == 0
    assert probe.deliver(sealed) == "handled"
    secrets = json.loads(path.read_text())["keys"]
    assert sorted(secrets) == ["k1", "k2"]
    assert not list(path.parent.glob(".keyring*")), "no copy of the keys is left beside the file"


def test_no_command_prints_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(new_keyring())
    for action in ("rotate", "show"):
        cli.main(["keys", action, "--keyring", str(path)])
    printed = capsys.readouterr()
    document = json.loads(path.read_text())
    for secret in (*document["keys"].values(), document["index_key"]):
        assert secret not in printed.out + printed.err


def test_what_rests_sealed_stays_sealed_with_the_key_it_had(failed: Any, fascia: Fascia) -> None:
    path = Path(failed.harness.settings.keyring_file)
    assert cli.main(["keys", "rotate", "--keyring", str(path)]) == 0
    letter = failed.letters.get(failed.first.id)
    assert key_id_of(letter.record.value) == "k1"
    assert "identifies a person" in fascia("show", failed.first.id)[1]
