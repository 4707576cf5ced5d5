"""The scoring rules: from answers that are complete enough to numbers, exactly. Pure.

`answers` hold what was answered and nothing else: no rule ever puts a number in the place of an answer that is missing.
Sources of each instrument's rule are in its data file and on its page in docs/instruments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from outcomes_svc.instruments.instrument import Domain, Instrument, Item, Part, Rule

Answers = Mapping[str, Fraction]


@dataclass(frozen=True)
class Value:
    """A score on the instrument's scale, its standard error where one is known, and the scores beside it by code."""

    score: Fraction
    standard_error: Fraction | None
    parts: Mapping[str, Fraction]


def value_of(instrument: Instrument, answers: Answers) -> Value:
    """The score of complete enough answers."""
    parts = {part.code: _part(part, answers) for part in instrument.parts if part.items[0] in answers}
    if instrument.rule is Rule.T_SCORE:
        row = instrument.table[int(_sum(instrument.main_items, answers))]
        return Value(row.t, row.standard_error, parts)
    if instrument.rule is Rule.WEIGHTED_DOMAINS:
        domains = {domain.code: _domain(domain, answers) for domain in instrument.domains}
        return Value(total(domains.values()), instrument.standard_error, domains | parts)
    return Value(_FORMULAS[instrument.rule](instrument.main_items, answers), instrument.standard_error, parts)


def mean(values: Iterable[Fraction]) -> Fraction:
    """The mean of at least one value; of a single item it is the item itself."""
    listed = list(values)
    return total(listed) / len(listed)


def total(values: Iterable[Fraction]) -> Fraction:
    """The exact sum. Whole numbers are added as such, which is many times faster."""
    whole, rest = 0, Fraction(0)
    for value in values:
        if value.denominator == 1:
            whole += value.numerator
        else:
            rest += value
    return whole + rest if rest else Fraction(whole)


def _points(items: Iterable[Item], answers: Answers) -> list[Fraction]:
    """What each answered item counts: the answer, or its points where the item has them."""
    return [
        answers[item.code] if item.points is None else Fraction(item.points[int(answers[item.code]) - item.lowest])
        for item in items
        if item.code in answers
    ]


def _sum(items: Iterable[Item], answers: Answers) -> Fraction:
    return total(_points(items, answers))


def _mean(items: Iterable[Item], answers: Answers) -> Fraction:
    return mean(_points(items, answers))


def _percent(items: Iterable[Item], answers: Answers) -> Fraction:
    """100 times the sum, by the most that the answered items can give: 100 * sum / (5 n) for n items from 0 to 5."""
    answered = [item for item in items if item.code in answers]
    return 100 * _sum(answered, answers) / sum(item.most for item in answered)


def _scaled_mean(items: Iterable[Item], answers: Answers) -> Fraction:
    """(mean - 1) * 25: items from 1 to 5 onto 0 to 100."""
    return (_mean(items, answers) - 1) * 25


def _domain(domain: Domain, answers: Answers) -> Fraction:
    """The sum of the domain's n answered items of k, times k / n, by the divisor."""
    answered = [answers[code] for code in domain.items if code in answers]
    return total(answered) * len(domain.items) / (len(answered) * domain.divisor)


def _part(part: Part, answers: Answers) -> Fraction:
    average = mean(answers[code] for code in part.items)
    return (average - 1) * 25 if part.rule is Rule.SCALED_MEAN else average


_FORMULAS: Mapping[Rule, Callable[[Iterable[Item], Answers], Fraction]] = {
    Rule.SINGLE: _sum,
    Rule.MEAN: _mean,
    Rule.SUM: _sum,
    Rule.COUNT: _sum,
    Rule.PERCENT: _percent,
    Rule.SCALED_MEAN: _scaled_mean,
}
