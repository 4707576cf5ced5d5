"""An instrument: its items, how they are scored, and which change in its score matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Better(StrEnum):
    """Which direction of the score is good for the patient."""

    LOWER = "lower"
    HIGHER = "higher"

    @property
    def sign(self) -> int:
        """Multiplies a raw difference so that positive is better."""
        return -1 if self is Better.LOWER else 1


class Rule(StrEnum):
    """How the items become a score."""

    SINGLE = "single"
    MEAN = "mean"


class Missing(StrEnum):
    """What an item without an answer does. It is never a zero."""

    REQUIRE_ALL = "require_all"
    RATED_ONLY = "rated_only"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question. Numbers from `lowest` to `highest` are valid answers."""

    code: str
    text: str
    lowest: int
    highest: int
    lowest_label: str
    highest_label: str


@dataclass(frozen=True, kw_only=True)
class ImportantChange:
    """The minimal important change (MIC): a size in points, a share of the baseline, or either of the two."""

    absolute: Fraction
    relative: Fraction | None


@dataclass(frozen=True, kw_only=True)
class DetectableChange:
    """The minimal detectable change (MDC): smaller differences are measurement error."""

    score: Fraction
    single_item: Fraction | None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Where something that the instrument's data says comes from.

    `evidence` is seen (read in the source), own (a choice of this project) or recalled (not confirmed: informs, decides
    nothing).
    """

    about: tuple[str, ...]
    statement: str
    evidence: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """One version of an instrument. Two versions are different measures: their scores are never compared."""

    id: str
    version: str
    name: str
    use: str
    language: str
    wording_origin: str
    introduction: str
    recall: str
    items: tuple[Item, ...]
    integers_only: bool
    better: Better
    rule: Rule
    missing: Missing
    mic: ImportantChange
    mdc: DetectableChange | None
    loinc: dict[str, str]
    licence: str
    facts: tuple[Fact, ...]

    @property
    def rule_name(self) -> str:
        """The scoring rule in words, kept with every score."""
        if self.rule is Rule.SINGLE:
            return "the single item"
        if self.missing is Missing.RATED_ONLY:
            return "mean of the rated items"
        return f"mean of {len(self.items)}, all required"

    def items_of(self, codes: Iterable[str]) -> tuple[Item, ...]:
        """The items with these codes, in the instrument's order."""
        wanted = set(codes)
        return tuple(item for item in self.items if item.code in wanted)
