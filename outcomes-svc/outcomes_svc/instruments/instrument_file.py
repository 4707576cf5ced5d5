"""From the JSON of one instrument file to an instrument, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from outcomes_svc.instruments.data_faults import faults_of
from outcomes_svc.instruments.errors import InstrumentDataError
from outcomes_svc.instruments.instrument import (
    Band,
    Better,
    DetectableChange,
    Domain,
    Fact,
    ImportantChange,
    Instrument,
    Item,
    Missing,
    Part,
    Rule,
    TableRow,
)
from outcomes_svc.instruments.table_digest import table_digest

_REQUIRED = {
    "id", "version", "family", "name", "use", "language", "wording", "introduction", "recall", "items",
    "integers_only", "better", "rule", "missing", "mic", "mdc", "loinc", "licence", "facts",
}  # fmt: skip
_OPTIONAL = {
    "minimum_answered", "domains", "parts", "table", "table_sha256", "bands", "standard_error", "licence_required",
    "never_paid", "patient_rated",
}  # fmt: skip


def read_instrument(name: str, text: str) -> Instrument:
    """One instrument file; raises InstrumentDataError."""
    data = read_json(name, text)
    odd = sorted((_REQUIRED - set(data)) | (set(data) - _REQUIRED - _OPTIONAL)) if isinstance(data, dict) else ["all"]
    if odd:
        raise InstrumentDataError(f"{name}: missing or unknown fields: {odd}")
    try:
        instrument = _instrument(data)
        faults = [*faults_of(instrument), *_table_faults(data, instrument)]
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise InstrumentDataError(f"{name}: {error!r}") from error
    if faults:
        raise InstrumentDataError(f"{name}: {'; '.join(faults)}")
    return instrument


def read_json(name: str, text: str) -> Any:
    """The JSON of a data file; raises InstrumentDataError."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise InstrumentDataError(f"{name}: not JSON: {error}") from error


def _instrument(data: Mapping[str, Any]) -> Instrument:
    mic, mdc = data["mic"], data["mdc"]
    return Instrument(
        id=data["id"],
        version=data["version"],
        family=data["family"],
        name=data["name"],
        use=data["use"],
        language=data["language"],
        wording_origin=data["wording"]["origin"],
        introduction=data["introduction"],
        recall=data["recall"],
        items=tuple(_item(item) for item in data["items"]),
        integers_only=data["integers_only"],
        better=Better(data["better"]),
        rule=Rule(data["rule"]),
        missing=Missing(data["missing"]),
        mic=mic and ImportantChange(absolute=_size(mic["absolute"]), relative=_perhaps(mic["relative"])),
        mdc=mdc and DetectableChange(score=_size(mdc["score"]), single_item=_perhaps(mdc["single_item"])),
        loinc=dict(data["loinc"]),
        licence=data["licence"],
        facts=tuple(_fact(fact) for fact in data["facts"]),
        minimum_answered=data.get("minimum_answered"),
        domains=tuple(Domain(**{**row, "items": tuple(row["items"])}) for row in data.get("domains", ())),
        parts=tuple(_part(row) for row in data.get("parts", ())),
        table={int(row["raw"]): _row(row) for row in data.get("table", ())},
        bands=tuple(_band(row) for row in data.get("bands", ())),
        standard_error=_perhaps(data.get("standard_error")),
        licence_required=_flag(data, "licence_required", otherwise=False),
        never_paid=_flag(data, "never_paid", otherwise=False),
        patient_rated=_flag(data, "patient_rated", otherwise=True),
    )


def _item(row: Mapping[str, Any]) -> Item:
    points = row.get("points")
    return Item(**{**row, "points": None if points is None else tuple(points)})


def _part(row: Mapping[str, Any]) -> Part:
    return Part(**{**row, "items": tuple(row["items"]), "rule": Rule(row["rule"]), "mic": _perhaps(row["mic"])})


def _row(row: Mapping[str, Any]) -> TableRow:
    return TableRow(int(row["raw"]), _size(row["t"]), _size(row["se"]))


def _band(row: Mapping[str, Any]) -> Band:
    inclusive = "from" in row
    return Band(exact(row["from" if inclusive else "above"]), inclusive, row["label"])


def _fact(row: Mapping[str, Any]) -> Fact:
    about = tuple(row["about"].split(", "))
    return Fact(about=about, statement=row["statement"], evidence=row["evidence"], source=row["source"])


def _flag(data: Mapping[str, Any], name: str, *, otherwise: bool) -> bool:
    value = data.get(name, otherwise)
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false")
    return value


def exact(text: str) -> Fraction:
    """A decimal as it is written: 0.30 must be three tenths, which a float is not."""
    if not isinstance(text, str):
        raise TypeError(f"{text!r} must be a decimal in quotes")
    return Fraction(Decimal(text))


def _size(text: str) -> Fraction:
    value = exact(text)
    if value <= 0:
        raise ValueError(f"{text} must be above zero")
    return value


def _perhaps(text: str | None) -> Fraction | None:
    return None if text is None else _size(text)


def _table_faults(data: Mapping[str, Any], instrument: Instrument) -> list[str]:
    """A conversion table carries the digest of the table that was verified: an altered cell stops the start."""
    if not instrument.table:
        return []
    rows = [(int(row["raw"]), str(row["t"]), str(row["se"])) for row in data["table"]]
    if len(rows) != len(instrument.table):
        return ["a raw score is in the table twice"]
    if table_digest(rows) != data.get("table_sha256"):
        return ["the table is not the one that was verified: its SHA-256 differs"]
    return []
