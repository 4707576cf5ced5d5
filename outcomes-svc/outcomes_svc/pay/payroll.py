"""A month's statements as a table for payroll. Pure. Every figure is read from the bytes that were issued."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from outcomes_svc.results.csv_table import csv_text

HEADER = (
    "therapist_id",
    "month",
    "currency",
    "sessions",
    "base_pay",
    "hours_pay",
    "travel_pay",
    "outcome_pay",
    "corrections",
    "total",
    "statement_sha256",
)


def payroll(statements: Iterable[bytes]) -> str:
    """CSV with a line per statement, in the given order."""
    return csv_text(HEADER, (_row(json.loads(content)) for content in statements))


def _row(document: dict[str, Any]) -> list[Any]:
    content = document["content"]
    inputs, sums = content["inputs"], content["sums"]
    amounts = [Decimal(sums[name]) for name in ("sessions", "hours", "travel", "outcome", "corrections", "total")]
    sessions = len(inputs["work"]["sessions"])
    return [
        inputs["therapist"],
        inputs["month"],
        inputs["plan"]["currency"],
        sessions,
        *amounts,
        document["sha256"],
    ]
