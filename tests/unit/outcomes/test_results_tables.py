"""CSV that a spreadsheet can open without harm, and periods of whole months."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from fascia.problem import RuleViolation
from outcomes_svc.results.csv_table import csv_text
from outcomes_svc.results.period import period

TODAY = date(2027, 3, 14)


def test_a_table_follows_rfc_4180() -> None:
    text = csv_text(("name", "value"), [("plain", 1), ('with "quotes", and a comma', 2.5), ("two\nlines", None)])
    assert text == 'name,value\r\nplain,1\r\n"with ""quotes"", and a comma",2.5\r\n"two\nlines",\r\n'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_looks_like_a_formula_is_text(start: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_text((f"{start}cmd|' /C calc'!A0",), [])), lineterminator="\r\n")
    assert row[0].startswith(f"'{start}")


def test_a_negative_number_stays_a_number() -> None:
    assert csv_text(("change",), [(-1.5,), (True,)]) == "change\r\n-1.5\r\ntrue\r\n"


def test_without_a_period_the_last_twelve_months_are_meant() -> None:
    found = period(None, None, TODAY)
    assert (found.first, found.last, found.until) == (date(2026, 4, 1), date(2027, 3, 31), date(2027, 4, 1))
    assert period(None, date(2026, 12, 31), TODAY).first == date(2026, 1, 1)
    assert period(date(2027, 2, 1), date(2027, 2, 28), TODAY).until == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 1, 2), date(2026, 12, 31), "from"),
        (date(2026, 1, 1), date(2026, 12, 30), "to"),
        (date(2026, 1, 1), date(2025, 12, 31), "to"),
        (date(2023, 12, 1), date(2026, 12, 31), "from"),
        (date(1, 1, 1), date(1, 1, 30), "to"),
    ],
)
def test_only_whole_months_in_order_and_not_too_many_are_taken(first: date, last: date, field: str) -> None:
    """A period that is longer or shorter by one day would tell how the one patient of that day fared."""
    with pytest.raises(RuleViolation) as refused:
        period(first, last, TODAY)
    assert refused.value.errors[0].field == field
