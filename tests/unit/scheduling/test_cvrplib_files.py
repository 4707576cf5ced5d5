"""Solutions in CVRPLIB's format."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from scheduling_svc.planning import cvrplib


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    cvrplib.write(tmp_path / "a.sol", [(5, 3, 7), (1,)], Decimal("827.3"))
    assert (tmp_path / "a.sol").read_text() == "Route #1: 5 3 7\nRoute #2: 1\nCost 827.3\n"
    assert cvrplib.read(tmp_path / "a.sol") == cvrplib.Solution(((5, 3, 7), (1,)), Decimal("827.3"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.sol"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    cvrplib.write(tmp_path / "a.sol", [(1, 2)], Decimal(9))
    cvrplib.write(tmp_path / "a.sol", [(2, 1)], Decimal(8))
    assert cvrplib.read(tmp_path / "a.sol").cost == 8


def test_remarks_and_blanks_of_other_programs_are_skipped() -> None:
    text = "Route #1: 5 3 \nroute 2 : 1\n\nTime 12.5\nCost: 40\n"
    assert cvrplib.parse(text) == cvrplib.Solution(((5, 3), (1,)), Decimal(40))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Route #1: 5 three\nCost 1\n", "line 1: a route is a list of customer numbers"),
        ("Route #1: 5\nCost much\n", "line 2: the cost is no number: much"),
        ("Route #1: 5\n", "no line with the cost"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(cvrplib.SolutionError, match=said):
        cvrplib.parse(text)
