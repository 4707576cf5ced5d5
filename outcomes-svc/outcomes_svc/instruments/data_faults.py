"""What is wrong with an instrument's data: what contradicts itself, and what has no source. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from outcomes_svc.instruments.instrument import Instrument, Item, Missing, Rule

EVIDENCE = ("seen", "own", "recalled")
DECIDING = frozenset(
    ("items", "range", "better", "rule", "missing", "points", "parts", "table", "mic", "mdc", "standard_error")
)
"""What a score or a judgement rests on: none of it may be merely recalled."""


def faults_of(instrument: Instrument) -> Iterable[str]:
    """Every fault, in words."""
    if not instrument.version.isdigit():
        yield "version must be a whole number"
    if instrument.wording_origin not in ("own", "imported"):
        yield "wording.origin must be own or imported"
    if instrument.wording_shipped != bool(instrument.introduction):
        yield "an introduction ships exactly where the wording is own"
    yield from _item_faults(instrument)
    yield from _rule_faults(instrument)
    yield from _member_faults(instrument)
    yield from _band_faults(instrument)
    yield from _fact_faults(instrument)


def _item_faults(instrument: Instrument) -> Iterable[str]:
    codes = [item.code for item in instrument.items]
    if not codes or len(set(codes)) != len(codes):
        yield "items must be there, each with its own code"
    for item in instrument.items:
        if item.lowest >= item.highest:
            yield f"item {item.code}: lowest must be below highest"
        if item.points is not None and len(item.points) != item.highest - item.lowest + 1:
            yield f"item {item.code}: points must be given for each answer"
        if item.points is not None and not instrument.integers_only:
            yield f"item {item.code}: points need whole answers"
        yield from _wording_faults(item, shipped=instrument.wording_shipped)


def _wording_faults(item: Item, *, shipped: bool) -> Iterable[str]:
    wording = (item.text, item.lowest_label, item.highest_label)
    if shipped and not all(wording):
        yield f"item {item.code}: text and labels must not be empty"
    if not shipped and any(wording):
        yield f"item {item.code}: wording that is not our own does not ship"


def _rule_faults(instrument: Instrument) -> Iterable[str]:
    rule, items = instrument.rule, instrument.main_items
    ranges = {(item.lowest, item.highest) for item in items}
    if rule is Rule.SINGLE and len(items) != 1:
        yield "the rule `single` needs exactly one item"
    if rule in (Rule.MEAN, Rule.SCALED_MEAN) and len(ranges) > 1:
        yield "a mean needs items of one range"
    if rule is Rule.COUNT and ranges != {(0, 1)}:
        yield "the rule `count` needs items that are 0 or 1"
    if rule is Rule.SCALED_MEAN and ranges != {(1, 5)}:
        yield "the rule `scaled_mean` needs items from 1 to 5"
    if (instrument.missing is Missing.UNTICKED_IS_NO) != (rule is Rule.COUNT):
        yield "unticked is no exactly where ticks are counted"
    if rule in (Rule.SUM, Rule.T_SCORE, Rule.SINGLE) and instrument.missing is not Missing.REQUIRE_ALL:
        yield f"the rule `{rule}` needs every item"
    yield from _table_shape_faults(instrument)
    yield from _minimum_faults(instrument)


def _table_shape_faults(instrument: Instrument) -> Iterable[str]:
    if (instrument.rule is Rule.T_SCORE) != bool(instrument.table):
        yield "a table is there exactly where the rule is `t_score`"
    if instrument.table:
        fewest = sum(item.lowest if item.points is None else min(item.points) for item in instrument.items)
        if sorted(instrument.table) != list(range(fewest, sum(item.most for item in instrument.items) + 1)):
            yield "the table needs a row for each raw sum that the items can give"


def _minimum_faults(instrument: Instrument) -> Iterable[str]:
    by_domain = instrument.rule is Rule.WEIGHTED_DOMAINS
    needed = instrument.missing is Missing.AT_LEAST and not by_domain
    if needed != (instrument.minimum_answered is not None):
        yield "minimum_answered is there exactly where a number of answers suffices"
    if instrument.minimum_answered is not None and not 0 < instrument.minimum_answered <= len(instrument.main_items):
        yield "minimum_answered must be between 1 and the number of items"
    if by_domain and instrument.missing is not Missing.AT_LEAST:
        yield "weighted domains say how many answers suffice"
    for domain in instrument.domains:
        if not 0 < domain.minimum_answered <= len(domain.items) or domain.divisor < 1:
            yield f"domain {domain.code}: minimum_answered or divisor is out of range"


def _member_faults(instrument: Instrument) -> Iterable[str]:
    known = {item.code for item in instrument.items}
    in_parts = [code for part in instrument.parts for code in part.items]
    if not set(in_parts) <= known or len(set(in_parts)) != len(in_parts) or not instrument.main_items:
        yield "parts must be made of items, each in one part, and leave items for the score"
    if any(part.rule not in (Rule.MEAN, Rule.SCALED_MEAN) for part in instrument.parts):
        yield "a part's rule must be mean or scaled_mean"
    in_domains = sorted(code for domain in instrument.domains for code in domain.items)
    if instrument.rule is Rule.WEIGHTED_DOMAINS and in_domains != sorted(item.code for item in instrument.main_items):
        yield "every item must be in exactly one domain"
    if instrument.domains and instrument.rule is not Rule.WEIGHTED_DOMAINS:
        yield "domains need the rule `weighted_domains`"


def _band_faults(instrument: Instrument) -> Iterable[str]:
    starts = [band.start for band in instrument.bands]
    if starts != sorted(set(starts)) or any(not band.label for band in instrument.bands):
        yield "bands must be in ascending order, each with a label"


def _fact_faults(instrument: Instrument) -> Iterable[str]:
    stated = {about for fact in instrument.facts for about in fact.about}
    needed = {"items", "range", "better", "missing", "recall", "licence"}
    needed |= {name for name in ("mic", "mdc", "loinc", "table", "bands", "parts") if getattr(instrument, name)}
    needed |= {"standard_error"} if instrument.standard_error is not None else set()
    needed |= {"points"} if any(item.points for item in instrument.items) else set()
    needed |= {"rule"} if instrument.rule is not Rule.SINGLE else set()
    for about in sorted(needed - stated):
        yield f"no source is given for {about}"
    for fact in instrument.facts:
        if fact.evidence not in EVIDENCE or not fact.source or not fact.statement:
            yield f"the fact about {', '.join(fact.about)} needs a statement, a source and evidence of {EVIDENCE}"
        if fact.evidence == "recalled" and set(fact.about) & DECIDING:
            yield f"the fact about {', '.join(fact.about)} decides scores and is only recalled"
