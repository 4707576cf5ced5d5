"""`fascia plan vrptw` as its user meets it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from fascia.cli import main
from scheduling_svc.planning import cvrplib

ROWS = "0 0 0 0 0 100 0\n1 10 0 10 0 50 5\n2 20 0 10 40 60 5\n3 30 0 10 0 90 5\n4 0 10 10 0 20 5\n"
HEAD = "VEHICLE\nNUMBER CAPACITY\n2 30\nCUSTOMER\nCOLUMNS\n"


@pytest.fixture
def row_of_four(tmp_path: Path) -> Path:
    path = tmp_path / "files" / "four.txt"
    path.parent.mkdir()
    path.write_text(f"four\n{HEAD}{ROWS}")
    return path


def plan(*words: object) -> int:
    return main(["plan", "vrptw", "--seconds", "1", "--processes", "1", *map(str, words)])


def test_routes_are_written_as_sol_files_and_the_gap_is_told(
    row_of_four: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = row_of_four.with_name("packed.txt.gz")
    packed.write_bytes(gzip.compress(row_of_four.read_bytes()))
    row_of_four.with_name("four.sol").write_text("Route #1: 1 2 3\nRoute #2: 4\nCost 80\n")
    assert plan(row_of_four, packed, "--out", tmp_path / "new" / "out") == 0
    for name in ("four.sol", "packed.sol"):
        found = cvrplib.read(tmp_path / "new" / "out" / name)
        assert (sorted(found.routes), found.cost) == ([(1, 2, 3), (4,)], 80)
    lines = capsys.readouterr().out.splitlines()
    assert re.search(r"four +2 routes +80 +best known +80 +gap +0.00 %", lines[0])
    assert "packed" in lines[1]
    assert "gap" not in lines[1]


def test_a_bad_file_is_named_and_the_good_one_is_planned(
    row_of_four: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = row_of_four.with_name("bad.txt")
    bad.write_text(f"bad\n{HEAD}{ROWS.replace('1 10 0 10', '1 10 0 ten')}")
    assert plan(bad, tmp_path / "nowhere.txt", row_of_four, "--out", tmp_path) == 2
    told = capsys.readouterr()
    assert "bad.txt: line 8: demand is no number: ten" in told.err
    assert "nowhere.txt cannot be read (No such file or directory)" in told.err
    assert (tmp_path / "four.sol").exists()
    assert not (tmp_path / "bad.sol").exists()


def test_where_no_plan_keeps_every_rule_nothing_is_written(
    row_of_four: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row_of_four.write_text(row_of_four.read_text().replace("2 30", "1 30"))
    assert plan(row_of_four, "--out", tmp_path) == 1
    assert "no plan that keeps every rule was found" in capsys.readouterr().out
    assert not (tmp_path / "four.sol").exists()


def test_a_best_known_solution_is_never_overwritten(row_of_four: Path, capsys: pytest.CaptureFixture[str]) -> None:
    best = row_of_four.with_name("four.sol")
    best.write_text("Cost 80\n")
    assert plan(row_of_four, "--out", row_of_four.parent) == 2
    assert "would be overwritten: name another folder with --out" in capsys.readouterr().err
    assert best.read_text() == "Cost 80\n"


def test_two_files_of_one_name_do_not_overwrite_each_other(
    row_of_four: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = tmp_path / "four.txt"
    twin.write_text(row_of_four.read_text())
    assert plan(row_of_four, twin, "--out", tmp_path / "out") == 2
    assert "another file already writes to" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told_before_any_planning(
    row_of_four: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan(row_of_four, "--out", row_of_four / "out") == 2
    assert "cannot hold the routes" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--seconds", "0"], ["--seconds", "long"], ["--processes", "0"]])
def test_options_out_of_range_are_refused(words: list[str], row_of_four: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["plan", "vrptw", str(row_of_four), *words])
    assert refused.value.code == 2
