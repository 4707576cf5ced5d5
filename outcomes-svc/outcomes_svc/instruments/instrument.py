"""An instrument: its items, how they are scored, and which change in its score matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property


class Better(StrEnum):
    """Which direction of the score is good for the patient."""

    LOWER = "lower"
    HIGHER = "higher"

    @property
    def sign(self) -> int:
        """Multiplies a raw difference so that positive is better."""
        return -1 if self is Better.LOWER else 1


class Rule(StrEnum):
    """How the items become a score; `outcomes_svc.scoring.rules` says each in a formula."""

    SINGLE = "single"
    MEAN = "mean"
    SUM = "sum"
    COUNT = "count"
    PERCENT = "percent"
    SCALED_MEAN = "scaled_mean"
    T_SCORE = "t_score"
    WEIGHTED_DOMAINS = "weighted_domains"


class Missing(StrEnum):
    """What an item without an answer does. It is never a zero.

    `at_least`: scored from what is answered, when that is enough. `unticked_is_no`: the instrument is a list to tick,
    so what is not ticked was answered with no; a list that nobody has touched is still no answer.
    """

    REQUIRE_ALL = "require_all"
    RATED_ONLY = "rated_only"
    AT_LEAST = "at_least"
    UNTICKED_IS_NO = "unticked_is_no"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question. Numbers from `lowest` to `highest` are valid answers.

    `text` and labels are None where the wording is not ours: a practice imports it. `loinc` and `code` are what an
    imported questionnaire is bound by. `points`, where given, are what each answer from lowest to highest counts;
    without them an answer counts itself. An answer above `alert_above` is for a person to see at once.
    """

    code: str
    lowest: int
    highest: int
    text: str | None = None
    lowest_label: str | None = None
    highest_label: str | None = None
    loinc: str | None = None
    points: tuple[int, ...] | None = None
    alert_above: int | None = None

    @property
    def most(self) -> int:
        """The most points that an answer to it can count."""
        return self.highest if self.points is None else max(self.points)


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A share of a score that is summed for itself: its sum, made up for missing items, is divided by `divisor`."""

    code: str
    items: tuple[str, ...]
    divisor: int
    minimum_answered: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """A second score of the same form, of items that do not count for the first. Shown; change is not judged on it.

    All its items are needed. An `optional` part may be left out as a whole.
    """

    code: str
    name: str
    items: tuple[str, ...]
    rule: Rule
    optional: bool
    mic: Fraction | None


@dataclass(frozen=True)
class TableRow:
    """The T-score of a raw sum, and its standard error, both in T-score points."""

    raw: int
    t: Fraction
    standard_error: Fraction


@dataclass(frozen=True)
class Band:
    """A name for the scores from `start` on, up to the next band; without `inclusive`, for those above `start`."""

    start: Fraction
    inclusive: bool
    label: str


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
    """One version of an instrument. Two versions are different measures: their scores are never compared.

    `mic` is None where change is not judged. `licence_required`: scored only for a practice that has recorded its
    licence. `never_paid`: no pay rests on it. `patient_rated` is False where staff take the measurement.
    """

    id: str
    version: str
    family: str
    name: str
    use: str
    language: str
    wording_origin: str
    introduction: str | None
    recall: str
    items: tuple[Item, ...]
    integers_only: bool
    better: Better
    rule: Rule
    missing: Missing
    mic: ImportantChange | None
    mdc: DetectableChange | None
    loinc: Mapping[str, str]
    licence: str
    facts: tuple[Fact, ...]
    minimum_answered: int | None = None
    domains: tuple[Domain, ...] = ()
    parts: tuple[Part, ...] = ()
    table: Mapping[int, TableRow] = field(default_factory=dict)
    bands: tuple[Band, ...] = ()
    standard_error: Fraction | None = None
    licence_required: bool = False
    never_paid: bool = False
    patient_rated: bool = True

    @property
    def wording_shipped(self) -> bool:
        """Whether the questions can be shown without importing anything."""
        return self.wording_origin == "own"

    @cached_property
    def item_codes(self) -> frozenset[str]:
        """The codes of all items."""
        return frozenset(item.code for item in self.items)

    @cached_property
    def main_items(self) -> tuple[Item, ...]:
        """The items of the score that change is judged on, which is all but those of other parts."""
        elsewhere = {code for part in self.parts for code in part.items}
        return tuple(item for item in self.items if item.code not in elsewhere) if elsewhere else self.items

    @property
    def table_rows(self) -> tuple[TableRow, ...]:
        """The conversion table by raw sum; empty where there is none."""
        return tuple(self.table[raw] for raw in sorted(self.table))

    @property
    def rule_name(self) -> str:
        """The scoring rule in words, kept with every score."""
        return f"{_RULE_NAMES[self.rule].format(n=len(self.main_items))}{self._missing_name}"

    @property
    def _missing_name(self) -> str:
        if self.rule is Rule.SINGLE:
            return ""
        if self.missing is Missing.RATED_ONLY:
            return " of the rated items"
        if self.missing is Missing.UNTICKED_IS_NO:
            return ", unticked is no"
        if self.missing is Missing.AT_LEAST:
            enough = "; ".join(f"{domain.minimum_answered} of {len(domain.items)}" for domain in self.domains)
            return f", at least {enough or f'{self.minimum_answered} of {len(self.main_items)}'} answered"
        return f" of {len(self.main_items)}, all required"

    def band_of(self, value: Fraction) -> str | None:
        """The name of the band that a score is in; None where the instrument has no bands."""
        found = None
        for band in self.bands:
            if value > band.start or (band.inclusive and value == band.start):
                found = band.label
        return found

    def items_of(self, codes: Iterable[str]) -> tuple[Item, ...]:
        """The items with these codes, in the instrument's order."""
        wanted = set(codes)
        return tuple(item for item in self.items if item.code in wanted)


_RULE_NAMES = {
    Rule.SINGLE: "the single item",
    Rule.MEAN: "mean",
    Rule.SUM: "sum",
    Rule.COUNT: "number of ticks",
    Rule.PERCENT: "sum as a percentage of the most that the answered items can give",
    Rule.SCALED_MEAN: "(mean - 1) x 25",
    Rule.T_SCORE: "T-score by table, from the sum",
    Rule.WEIGHTED_DOMAINS: "sum of the weighted domains",
}
