"""Instances in Solomon's format: what is read, and what is refused with its line."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from scheduling_svc.planning import solomon

TEXT = """tiny

VEHICLE
NUMBER     CAPACITY
  2         50

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0       100          0
    1      3         4         10         10        60         5
    2      1         1         20          0        80         5
"""


def test_an_instance_is_read_with_its_depot_first() -> None:
    found = solomon.parse(TEXT)
    assert (found.name, found.vehicles, found.capacity, len(found.customers)) == ("tiny", 2, 50, 3)
    assert found.customers[1] == solomon.Customer(1, Decimal(3), Decimal(4), 10, Decimal(10), Decimal(60), Decimal(5))


def test_distances_are_cut_to_one_decimal_and_never_rounded_up() -> None:
    distances = solomon.parse(TEXT).distances()
    assert distances[0][1] == 50  # 5 exactly
    assert distances[0][2] == 14  # 1.414...
    assert distances[1][2] == 36  # 3.605...
    assert distances[2][1] == distances[1][2]


def test_coordinates_with_decimals_keep_the_exact_tenth() -> None:
    text = TEXT.replace(" 3         4  ", " 0.3         0  ")
    assert solomon.parse(text).distances()[0][1] == 3  # in floating point 0.3 * 10 may fall short of 3


@pytest.mark.parametrize("name", ["tiny.txt", "tiny.txt.gz", "gzipped-without-saying-so.txt"])
def test_a_file_may_be_gzipped_whatever_its_name(name: str, tmp_path: Path) -> None:
    plain = TEXT.replace("\n", "\r\n").encode()
    (tmp_path / name).write_bytes(plain if name == "tiny.txt" else gzip.compress(plain))
    assert solomon.read(tmp_path / name) == solomon.parse(TEXT)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("VEHICLE", "TRUCKS", "line 3: VEHICLE is expected"),
        ("  2         50", "  2", "line 5: the number of vehicles and their capacity"),
        ("  2         50", "  0   50", "line 5: there is no vehicle"),
        ("CUSTOMER\n", "", "CUSTOMER is expected"),
        ("    1      3 ", "    7      3 ", "line 11: customer 1 is expected here, not 7"),
        ("4         10         10", "4         ten        10", "line 11: demand is no number: ten"),
        ("4         10         10", "4         10", "line 11: 7 numbers are expected"),
        ("4         10         10", "4         -1         10", "line 11: demand must be a whole number"),
        ("4         10         10", "4         10       0.25", "line 11: ready time must not be negative or finer"),
        ("4         10         10", "4         NaN        10", "line 11: demand is out of range"),
        ("4         10         10", "4         51         10", "customer 1 demands more than a vehicle can carry (50)"),
        ("10        60", "70        60", "customer 1 is due before it is ready"),
        ("10        60", " 0         4", "customer 1 cannot be served in time even by a vehicle of its own"),
        ("0       100          0", "0       100          9", "customer 0 is the depot"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(before: str, after: str, said: str) -> None:
    assert before in TEXT
    with pytest.raises(solomon.InstanceError) as refused:
        solomon.parse(TEXT.replace(before, after, 1))
    assert said in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bbroken", b"\xff\xfe\x00", b"name\n"])
def test_what_is_no_instance_at_all_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(solomon.InstanceError):
        solomon.read(tmp_path / "file")


def test_an_instance_cut_short_is_refused() -> None:
    with pytest.raises(solomon.InstanceError, match="at least one customer"):
        solomon.parse(TEXT[: TEXT.index("    0      0")])
