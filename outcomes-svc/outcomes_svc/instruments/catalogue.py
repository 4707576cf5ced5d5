"""The instruments that ship, read from the package's data and checked.

A file that does not add up stops the service at its start: a wrong number is worse than none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from outcomes_svc.instruments.instrument import (
    Better,
    DetectableChange,
    Fact,
    ImportantChange,
    Instrument,
    Item,
    Missing,
    Rule,
)
from outcomes_svc.instruments.primary import PrimaryTable, read_primary_table

EVIDENCE = ("seen", "own", "recalled")
DECIDING = ("items", "range", "better", "rule", "missing", "mic", "mdc")
"""What a score or a judgement rests on: none of it may be merely recalled."""

_FIELDS = {
    "id", "version", "name", "use", "language", "wording", "introduction", "recall", "items", "integers_only", "better",
    "rule", "missing", "mic", "mdc", "loinc", "licence", "facts",
}  # fmt: skip


class InstrumentDataError(ValueError):
    """A data file cannot be used; the message names the file, the field and what is wrong."""


@dataclass(frozen=True)
class Catalogue:
    """Every version of every instrument that ships, and the table of primary instruments."""

    versions: Mapping[tuple[str, str], Instrument]
    primary: PrimaryTable

    def find(self, id_: str, version: str) -> Instrument | None:
        """One version, or None."""
        return self.versions.get((id_, version))

    def current(self, id_: str) -> Instrument | None:
        """The newest version of an instrument, or None."""
        known = [instrument for (known_id, _), instrument in self.versions.items() if known_id == id_]
        return max(known, key=lambda instrument: int(instrument.version), default=None)

    def all(self) -> list[Instrument]:
        """Every version, by id and version."""
        return [self.versions[key] for key in sorted(self.versions, key=lambda key: (key[0], int(key[1])))]


@cache
def shipped() -> Catalogue:
    """The catalogue of the package's own data files; raises InstrumentDataError."""
    files = sorted(resources.files("outcomes_svc.instruments").joinpath("data").iterdir(), key=lambda file: file.name)
    texts = {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(".json")}
    primary = texts.pop("primary.v1.json")
    return build_catalogue(texts, primary)


def build_catalogue(texts: Mapping[str, str], primary: str) -> Catalogue:
    """Read and check instrument files (name to text) and the table of primary instruments."""
    versions: dict[tuple[str, str], Instrument] = {}
    for name, text in texts.items():
        instrument = read_instrument(name, text)
        if (instrument.id, instrument.version) in versions:
            raise InstrumentDataError(f"{name}: {instrument.id} version {instrument.version} is there twice")
        versions[instrument.id, instrument.version] = instrument
    try:
        table = read_primary_table(_parse("primary", primary))
    except (KeyError, TypeError, ValueError) as error:
        raise InstrumentDataError(f"primary: {error!r}") from error
    unknown = table.instruments() - {id_ for id_, _ in versions}
    if unknown:
        raise InstrumentDataError(f"primary: names instruments that do not ship: {', '.join(sorted(unknown))}")
    return Catalogue(versions, table)


def read_instrument(name: str, text: str) -> Instrument:
    """One instrument file; raises InstrumentDataError."""
    data = _parse(name, text)
    if not isinstance(data, dict) or set(data) != _FIELDS:
        odd = sorted(set(data) ^ _FIELDS) if isinstance(data, dict) else "not an object"
        raise InstrumentDataError(f"{name}: missing or unknown fields: {odd}")
    try:
        instrument = _instrument(data)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise InstrumentDataError(f"{name}: {error!r}") from error
    faults = list(_faults(instrument))
    if faults:
        raise InstrumentDataError(f"{name}: {'; '.join(faults)}")
    return instrument


def _parse(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InstrumentDataError(f"{name}: not JSON: {error}") from error


def _instrument(data: Mapping[str, Any]) -> Instrument:
    mdc = data["mdc"]
    return Instrument(
        id=data["id"],
        version=data["version"],
        name=data["name"],
        use=data["use"],
        language=data["language"],
        wording_origin=data["wording"]["origin"],
        introduction=data["introduction"],
        recall=data["recall"],
        items=tuple(Item(**item) for item in data["items"]),
        integers_only=data["integers_only"],
        better=Better(data["better"]),
        rule=Rule(data["rule"]),
        missing=Missing(data["missing"]),
        mic=ImportantChange(absolute=_exact(data["mic"]["absolute"]), relative=_perhaps(data["mic"]["relative"])),
        mdc=mdc and DetectableChange(score=_exact(mdc["score"]), single_item=_perhaps(mdc["single_item"])),
        loinc=dict(data["loinc"]),
        licence=data["licence"],
        facts=tuple(
            Fact(
                about=tuple(fact["about"].split(", ")),
                statement=fact["statement"],
                evidence=fact["evidence"],
                source=fact["source"],
            )
            for fact in data["facts"]
        ),
    )


def _exact(text: str) -> Fraction:
    """A decimal as it is written: 0.30 must be three tenths, which a float is not."""
    if not isinstance(text, str):
        raise TypeError(f"{text!r} must be a decimal in quotes")
    value = Fraction(Decimal(text))
    if value <= 0:
        raise ValueError(f"{text} must be above zero")
    return value


def _perhaps(text: str | None) -> Fraction | None:
    return None if text is None else _exact(text)


def _faults(instrument: Instrument) -> Iterable[str]:
    if not instrument.version.isdigit():
        yield "version must be a whole number"
    if instrument.wording_origin not in ("own", "imported"):
        yield "wording.origin must be own or imported"
    yield from _item_faults(instrument)
    yield from _fact_faults(instrument)


def _item_faults(instrument: Instrument) -> Iterable[str]:
    codes = [item.code for item in instrument.items]
    if not codes or len(set(codes)) != len(codes):
        yield "items must be there, each with its own code"
    if instrument.rule is Rule.SINGLE and len(codes) != 1:
        yield "the rule `single` needs exactly one item"
    for item in instrument.items:
        if item.lowest >= item.highest:
            yield f"item {item.code}: lowest must be below highest"
        if not all((item.text, item.lowest_label, item.highest_label)):
            yield f"item {item.code}: text and labels must not be empty"
    if len({(item.lowest, item.highest) for item in instrument.items}) > 1 and instrument.rule is Rule.MEAN:
        yield "a mean needs items of one range"


def _fact_faults(instrument: Instrument) -> Iterable[str]:
    stated = {about for fact in instrument.facts for about in fact.about}
    needed = {"items", "range", "better", "missing", "mic", "recall", "licence"}
    needed |= {"mdc"} if instrument.mdc else set()
    needed |= {"loinc"} if instrument.loinc else set()
    needed |= {"rule"} if instrument.rule is not Rule.SINGLE else set()
    for about in sorted(needed - stated):
        yield f"no source is given for {about}"
    for fact in instrument.facts:
        if fact.evidence not in EVIDENCE or not fact.source or not fact.statement:
            yield f"the fact about {', '.join(fact.about)} needs a statement, a source and evidence of {EVIDENCE}"
        if fact.evidence == "recalled" and set(fact.about) & set(DECIDING):
            yield f"the fact about {', '.join(fact.about)} decides scores and is only recalled"
