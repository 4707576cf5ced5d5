"""How those who made the vectors call instruments, items, scores and bands, and what those are here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.instruments.instrument import Instrument


@dataclass(frozen=True)
class OracleNames:
    """One instrument's names. `scores` maps to value, standard_error, band or the code of a part."""

    instrument: Instrument
    items: Mapping[str, str]
    scores: Mapping[str, str]
    bands: Mapping[str, str]


def names_for(catalogue: Catalogue, id_: str) -> OracleNames | None:
    """The names for an oracle's instrument, or for one of ours by its own id; None where neither is known.

    Items are also known by their LOINC code and by our own code.
    """
    row = _rows().get(id_, _Row(id_, {}, {}, {}))
    instrument = catalogue.current(row.instrument)
    if instrument is None:
        return None
    own = {item.code: item.code for item in instrument.items}
    loinc = {item.loinc: item.code for item in instrument.items if item.loinc}
    scores = {name: name for name in ("value", "standard_error", "band", *(part.code for part in instrument.parts))}
    scores |= {domain.code: domain.code for domain in instrument.domains}
    return OracleNames(instrument, {**own, **loinc, **row.items}, {**scores, **row.scores}, row.bands)


@dataclass(frozen=True)
class _Row:
    instrument: str
    items: Mapping[str, str]
    scores: Mapping[str, str]
    bands: Mapping[str, str]


@cache
def _rows() -> Mapping[str, _Row]:
    text = resources.files("outcomes_svc.proof").joinpath("oracle_names.json").read_text(encoding="utf-8")
    return {id_: _Row(**row) for id_, row in json.loads(text)["instruments"].items()}
