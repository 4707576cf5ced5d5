"""The codes by which imported questions and answers are recognised: data of the package, each with its source."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.questionnaires.fhir_parts import Coding

LOINC = "http://loinc.org"
ITEM_SYSTEM = "urn:fascia:instrument:"
"""With an instrument's id behind it: the system of this project's own item codes."""


class Target(NamedTuple):
    """An item of an instrument."""

    instrument: str
    item: str


@dataclass(frozen=True)
class CodeTable:
    """`items`: which items a code stands for. `answers`: per item, the number of each answer code."""

    items: Mapping[Coding, frozenset[Target]]
    answers: Mapping[Target, Mapping[Coding, int]]

    def targets(self, codes: Iterable[Coding]) -> frozenset[Target]:
        """Every item that one of the codes stands for."""
        return frozenset(target for code in codes for target in self.items.get(code, ()))

    def scores(self, target: Target) -> Mapping[Coding, int]:
        """The numbers of answer codes for an item; empty where there is no table."""
        return self.answers.get(target, {})


@cache
def shipped_codes() -> Mapping[str, Any]:
    """The data file: LOINC codes of items and of answers, with sources."""
    file = resources.files("outcomes_svc.questionnaires").joinpath("data", "loinc.v1.json")
    data: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return data


def code_table(instruments: Iterable[Instrument], data: Mapping[str, Any]) -> CodeTable:
    """The table for these instruments, from the codes that their items have and from the data file."""
    loinc: dict[Target, str] = {}
    own: dict[Coding, frozenset[Target]] = {}
    for instrument in instruments:
        elsewhere = _item_codes(instrument.id, data)
        for item in instrument.items:
            target = Target(instrument.id, item.code)
            own[Coding(ITEM_SYSTEM + instrument.id, item.code)] = frozenset((target,))
            if code := item.loinc or elsewhere.get(item.code):
                loinc[target] = code
    items = {Coding(LOINC, code): _all_with(loinc, code) for code in loinc.values()}
    scores = _answer_scores(data)
    return CodeTable(items | own, {target: scores[code] for target, code in loinc.items() if code in scores})


def _item_codes(instrument: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Item to LOINC code, for an instrument whose own file says none."""
    forms = (form for form in data["items"] if instrument in form["instruments"])
    return {item: code for form in forms for item, code in form["codes"].items()}


def _answer_scores(data: Mapping[str, Any]) -> dict[str, Mapping[Coding, int]]:
    """The numbers of answer codes, by the LOINC code of the item."""
    found: dict[str, Mapping[Coding, int]] = {}
    for answers in data["answers"]:
        scores = {Coding(LOINC, code): number for code, number in answers["scores"].items()}
        found |= dict.fromkeys(answers["items"], scores)
    return found


def _all_with(loinc: Mapping[Target, str], code: str) -> frozenset[Target]:
    return frozenset(target for target, known in loinc.items() if known == code)
