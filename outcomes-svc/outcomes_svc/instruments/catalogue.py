"""The instruments that ship, read from the package's data and checked.

A file that does not add up stops the service at its start: a wrong number is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from outcomes_svc.instruments.errors import InstrumentDataError
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.instruments.instrument_file import read_instrument, read_json
from outcomes_svc.instruments.primary import Find, PrimaryTable, read_primary_table

__all__ = ["Catalogue", "InstrumentDataError", "build_catalogue", "read_instrument", "shipped"]

_PRIMARY = "primary.v"


@dataclass(frozen=True)
class Catalogue:
    """Every version of every instrument that ships, and of the table of primary instruments."""

    versions: Mapping[tuple[str, str], Instrument]
    primaries: Mapping[str, PrimaryTable]

    @property
    def primary(self) -> PrimaryTable:
        """The newest table of primary instruments: new episodes go by it."""
        return self.primaries[max(self.primaries, key=int)]

    def find(self, id_: str, version: str) -> Instrument | None:
        """One version, or None."""
        return self.versions.get((id_, version))

    def current(self, id_: str) -> Instrument | None:
        """The newest version of an instrument, or None."""
        return _newest(self.versions, id_)

    def all(self) -> list[Instrument]:
        """Every version, by id and version."""
        return [self.versions[key] for key in sorted(self.versions, key=lambda key: (key[0], int(key[1])))]


@cache
def shipped() -> Catalogue:
    """The catalogue of the package's own data files; raises InstrumentDataError."""
    files = sorted(resources.files("outcomes_svc.instruments").joinpath("data").iterdir(), key=lambda file: file.name)
    texts = {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(".json")}
    tables = [texts.pop(name) for name in list(texts) if name.startswith(_PRIMARY)]
    return build_catalogue(texts, *tables)


def build_catalogue(texts: Mapping[str, str], *primary: str) -> Catalogue:
    """Read and check instrument files (name to text) and the versions of the table of primary instruments."""
    versions: dict[tuple[str, str], Instrument] = {}
    for name, text in texts.items():
        instrument = read_instrument(name, text)
        if (instrument.id, instrument.version) in versions:
            raise InstrumentDataError(f"{name}: {instrument.id} version {instrument.version} is there twice")
        versions[instrument.id, instrument.version] = instrument
    tables = _tables(primary, lambda id_: _known(versions, id_))
    return Catalogue(versions, {table.version: table for table in tables})


def _tables(texts: Iterable[str], find: Find) -> list[PrimaryTable]:
    try:
        return [read_primary_table(read_json("primary", text), find) for text in texts]
    except (KeyError, TypeError, ValueError) as error:
        raise InstrumentDataError(f"primary: {error!r}") from error


def _known(versions: Mapping[tuple[str, str], Instrument], id_: str) -> Instrument:
    found = _newest(versions, id_)
    if found is None:
        raise ValueError(f"{id_} does not ship")
    return found


def _newest(versions: Mapping[tuple[str, str], Instrument], id_: str) -> Instrument | None:
    known = [instrument for (known_id, _), instrument in versions.items() if known_id == id_]
    return max(known, key=lambda instrument: int(instrument.version), default=None)
