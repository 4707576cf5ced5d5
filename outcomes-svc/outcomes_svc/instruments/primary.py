"""Which instrument an episode is judged by. The table decides, not the therapist: nobody shops for a kind measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outcomes_svc.instruments.instrument import Instrument

Find = Callable[[str], Instrument]


@dataclass(frozen=True)
class PrimaryChoice:
    """`stand_in` marks an instrument that is used because none that fits better can be asked."""

    condition: str
    instrument: str
    stand_in: bool


@dataclass(frozen=True)
class Candidate:
    """An instrument that may be the primary one of a condition."""

    instrument: Instrument
    stand_in: bool


@dataclass(frozen=True)
class PrimaryRow:
    """The candidates of a condition, best first. The wording of the last one ships, so that one can always be asked."""

    condition: str
    candidates: tuple[Candidate, ...]

    def choose(self, askable: Callable[[Instrument], bool]) -> PrimaryChoice:
        """The first candidate that can be asked."""
        found = next((known for known in self.candidates if askable(known.instrument)), self.candidates[-1])
        return PrimaryChoice(self.condition, found.instrument.id, found.stand_in)


def wording_ships(instrument: Instrument) -> bool:
    """What every practice can ask, also one that has imported nothing."""
    return instrument.wording_shipped


@dataclass(frozen=True)
class PrimaryTable:
    """Rows by ICD-10-CM prefix; the longest prefix wins."""

    version: str
    prefixes: Mapping[str, PrimaryRow]
    otherwise: PrimaryRow

    def choose(
        self, condition_codes: Sequence[str], askable: Callable[[Instrument], bool] = wording_ships
    ) -> PrimaryChoice:
        """The choice for the first code, which is the reason for treatment; without codes the table's default.

        `askable` says what the practice can ask: instruments whose wording ships or was imported, and licensed where
        a licence is required.
        """
        code = condition_codes[0].upper() if condition_codes else ""
        matching = [prefix for prefix in self.prefixes if code.startswith(prefix)]
        row = self.prefixes[max(matching, key=len)] if matching else self.otherwise
        return row.choose(askable)

    def instruments(self) -> set[str]:
        """Every instrument that the table names."""
        rows = (*self.prefixes.values(), self.otherwise)
        return {candidate.instrument.id for row in rows for candidate in row.candidates}


def read_primary_table(data: Mapping[str, Any], find: Find) -> PrimaryTable:
    """The table from its JSON; raises KeyError, TypeError or ValueError where the data does not fit."""
    prefixes: dict[str, PrimaryRow] = {}
    for row in data["prefixes"]:
        for prefix in row["prefixes"] if isinstance(row.get("prefixes"), list) else [row["prefix"]]:
            if prefix in prefixes or not prefix:
                raise ValueError(f"prefix {prefix!r} is empty or there twice")
            prefixes[prefix] = _row(row, find)
    return PrimaryTable(data["version"], prefixes, _row(data["otherwise"], find))


def _row(row: Mapping[str, Any], find: Find) -> PrimaryRow:
    """Version 1 of the table names one instrument where version 2 lists candidates."""
    listed = row.get("candidates", [row])
    candidates = tuple(_candidate(candidate, find) for candidate in listed)
    if not candidates or not wording_ships(candidates[-1].instrument):
        raise ValueError(f"{row['condition']}: the last candidate must be one whose wording ships")
    if any(not candidate.instrument.patient_rated for candidate in candidates):
        raise ValueError(f"{row['condition']}: a primary instrument is answered by the patient")
    return PrimaryRow(row["condition"], candidates)


def _candidate(row: Mapping[str, Any], find: Find) -> Candidate:
    if not isinstance(row["stand_in"], bool):
        raise TypeError("stand_in must be true or false")
    return Candidate(find(row["instrument"]), row["stand_in"])
