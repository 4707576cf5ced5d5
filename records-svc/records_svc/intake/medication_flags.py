"""Red flags that a patient's medication raises, whatever they answered at intake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from records_svc.intake.red_flags import RedFlag, rules

# FHIR MedicationRequest.status: in these the patient may still be taking it. When in doubt, the flag is raised.
_TAKING = frozenset({"active", "on-hold", "unknown", "draft"})


class Medication(NamedTuple):
    """An order for a drug: its RxNorm concept id where known, what it is called, and its FHIR status."""

    rxnorm: str | None
    display: str
    status: str


class _Anticoagulants(NamedTuple):
    red_flag: str
    codes: frozenset[str]
    names: re.Pattern[str]


@cache
def _anticoagulants() -> _Anticoagulants:
    document = json.loads(files(__package__).joinpath("anticoagulants.json").read_text())
    names = re.compile(r"\b(?:" + "|".join(map(re.escape, document["names"])) + r")\b", re.IGNORECASE)
    return _Anticoagulants(document["red_flag"], frozenset(document["rxnorm"]), names)


def is_anticoagulant(medication: Medication) -> bool:
    """By RxNorm id, or by a name within what the product is called."""
    table = _anticoagulants()
    return medication.rxnorm in table.codes or bool(table.names.search(medication.display))


def flags_of(medications: Iterable[Medication]) -> tuple[RedFlag, ...]:
    """The flags that present medication raises."""
    taking = (medication for medication in medications if medication.status in _TAKING)
    if any(is_anticoagulant(medication) for medication in taking):
        code = _anticoagulants().red_flag
        return (RedFlag(code, rules()[code].action, "medication"),)
    return ()
