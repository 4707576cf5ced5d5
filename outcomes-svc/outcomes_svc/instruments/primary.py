"""Which instrument an episode is judged by. The table decides, not the therapist: nobody shops for a kind measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PrimaryChoice:
    """`stand_in` marks an instrument that is used because the one that fits best does not ship yet."""

    condition: str
    instrument: str
    stand_in: bool


@dataclass(frozen=True)
class PrimaryTable:
    """Choices by ICD-10-CM prefix; the longest prefix wins."""

    version: str
    prefixes: Mapping[str, PrimaryChoice]
    otherwise: PrimaryChoice

    def choose(self, condition_codes: Sequence[str]) -> PrimaryChoice:
        """The choice for the first code, which is the reason for treatment; without codes the table's default."""
        code = condition_codes[0].upper() if condition_codes else ""
        matching = [prefix for prefix in self.prefixes if code.startswith(prefix)]
        return self.prefixes[max(matching, key=len)] if matching else self.otherwise

    def instruments(self) -> set[str]:
        """Every instrument that the table names."""
        return {choice.instrument for choice in self.prefixes.values()} | {self.otherwise.instrument}


def read_primary_table(data: Mapping[str, Any]) -> PrimaryTable:
    """The table from its JSON; raises KeyError, TypeError or ValueError where the data does not fit."""
    prefixes: dict[str, PrimaryChoice] = {}
    for row in data["prefixes"]:
        if row["prefix"] in prefixes or not row["prefix"]:
            raise ValueError(f"prefix {row['prefix']!r} is empty or there twice")
        prefixes[row["prefix"]] = _choice(row)
    return PrimaryTable(data["version"], prefixes, _choice(data["otherwise"]))


def _choice(row: Mapping[str, Any]) -> PrimaryChoice:
    if not isinstance(row["stand_in"], bool):
        raise TypeError("stand_in must be true or false")
    return PrimaryChoice(row["condition"], row["instrument"], row["stand_in"])
