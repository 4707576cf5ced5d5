"""The `fascia` command line finds the commands that services add."""

from __future__ import annotations

import pytest

from fascia import cli


@pytest.mark.parametrize("words", ["score check", "pay replay", "pay simulate"])
def test_help_lists_the_commands_that_outcomes_adds(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.strip().startswith(words)]
    assert len(line.strip()) > len(words) + 10, "each says what it does"


def test_the_core_commands_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--help"])
    listed = [line[2:16].strip() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert listed[: len(cli.COMMANDS)] == [" ".join(entry.words) for entry in cli.COMMANDS]
    assert listed[len(cli.COMMANDS) :] == sorted(listed[len(cli.COMMANDS) :])


def test_an_added_command_takes_its_own_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["score", "check", "--help"])
    assert stopped.value.code == 0
    assert "usage: fascia score check" in capsys.readouterr().out


def test_half_a_command_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["score"]) == 2
    assert "there is no command 'score'" in capsys.readouterr().err


def test_help_does_not_load_what_the_commands_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statistics take seconds to load: the list of commands is read from their files."""

    def loaded(name: str) -> None:
        raise AssertionError(f"{name} was loaded for a list")

    monkeypatch.setattr(cli.importlib, "import_module", loaded)
    assert cli.main(["--help"]) == 0
