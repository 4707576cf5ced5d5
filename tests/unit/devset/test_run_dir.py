"""The folder of a suite: one suite at a time, private files, keys made once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from fascia.crypto.keyring import Keyring
from fascia.devset.run_dir import InUseError, NotRunningError, RunDir


def test_a_second_suite_in_the_same_folder_is_told_so_in_one_line(tmp_path: Path) -> None:
    first = RunDir(tmp_path / "run")
    first.acquire()
    with pytest.raises(InUseError, match=r"already runs in .*--free-ports") as told:
        RunDir(tmp_path / "run").acquire()
    assert "\n" not in str(told.value)
    first.release()
    again = RunDir(tmp_path / "run")
    again.acquire()
    again.release()


def test_keys_are_made_once_and_open_what_they_sealed(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    run_dir.acquire()
    sealed = Keyring.from_file(run_dir.ensure_keyring()).seal(b"a name", "test")
    assert Keyring.from_file(run_dir.ensure_keyring()).open(sealed, "test") == b"a name"
    assert stat.S_IMODE(run_dir.keyring.stat().st_mode) == 0o600
    run_dir.release()


def test_each_broker_gets_a_generation_of_its_own(tmp_path: Path) -> None:
    assert [RunDir(tmp_path).next_generation() for _ in range(3)] == ["1", "2", "3"]


def test_a_secret_stays_the_same(tmp_path: Path) -> None:
    assert RunDir(tmp_path).secret("sms") == RunDir(tmp_path).secret("sms")
    assert RunDir(tmp_path).secret("sms") != RunDir(tmp_path).secret("other")


def test_where_nothing_runs_one_line_says_what_to_do(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    with pytest.raises(NotRunningError, match="make run"):
        run_dir.read_suite()
    run_dir.write_suite({"pid": 2**22 + 1})
    with pytest.raises(NotRunningError, match="is gone"):
        run_dir.read_suite()
