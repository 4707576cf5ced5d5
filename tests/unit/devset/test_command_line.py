"""The `fascia` command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fascia.cli import COMMANDS, main


def test_without_a_command_it_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    for entry in COMMANDS:
        assert " ".join(entry.words) in shown


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2
    assert "there is no command 'fly'" in capsys.readouterr().err


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: " ".join(entry.words))
def test_each_command_explains_itself(entry: object, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*entry.words, "--help"])  # type: ignore[attr-defined]
    assert left.value.code == 0
    assert "usage: fascia" in capsys.readouterr().out


def test_commands_for_a_running_suite_say_when_none_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["demo"], ["status"], ["token", "owner"]):
        assert main([*command, "--run-dir", str(tmp_path)]) == 1
        assert "no suite runs in" in capsys.readouterr().err
