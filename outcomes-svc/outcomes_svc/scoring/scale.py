"""From a pattern of answers to a score, or to a refusal that says why. Pure.

Every pattern ends in one of the two. A missing item is never a zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from outcomes_svc.instruments.instrument import Instrument, Item, Missing


class FaultCode(StrEnum):
    """Why a set of answers cannot be scored."""

    UNKNOWN_INSTRUMENT = "unknown_instrument"
    MEASURED_TWICE = "measured_twice"
    NO_ANSWERS = "no_answers"
    MISSING_ITEM = "missing_item"
    UNKNOWN_ITEM = "unknown_item"
    NOT_A_NUMBER = "not_a_number"
    NOT_AN_INTEGER = "not_an_integer"
    OUT_OF_RANGE = "out_of_range"


@dataclass(frozen=True)
class Fault:
    """One reason for a refusal; `item` is None where it concerns the answers as a whole."""

    code: FaultCode
    item: str | None
    message: str
    fix: str


@dataclass(frozen=True)
class Scored:
    """A score on the instrument's own scale, exact, with the answers that it rests on."""

    instrument: Instrument
    answers: Mapping[str, Fraction]
    value: Fraction


@dataclass(frozen=True)
class Refused:
    """No score, and every reason for it."""

    faults: tuple[Fault, ...]


def score(instrument: Instrument, answers: Mapping[str, object]) -> Scored | Refused:
    """Score one set of answers (item code to number). An item whose answer is None counts as missing."""
    given = {code: answer for code, answer in answers.items() if answer is not None}
    read: dict[str, Fraction] = {}
    faults: list[Fault] = []
    for item in instrument.items:
        if item.code not in given:
            if instrument.missing is Missing.REQUIRE_ALL:
                faults.append(_missing(item))
            continue
        answer = _read(item, given[item.code], integers_only=instrument.integers_only)
        if isinstance(answer, Fault):
            faults.append(answer)
        else:
            read[item.code] = answer
    faults.extend(_unknown(instrument, given))
    if not faults and not read:
        faults.append(_no_answers(instrument))
    if faults:
        return Refused(tuple(faults))
    return Scored(instrument, read, mean(read.values()))


def mean(values: Iterable[Fraction]) -> Fraction:
    """The mean of at least one value; of a single item it is the item itself."""
    listed = list(values)
    return sum(listed, Fraction(0)) / len(listed)


def shown(value: Fraction) -> float:
    """A score as it is shown and published: two decimals. Judgements use the exact value."""
    return float(round(value, 2))


def unknown_instrument(id_: str, known: Iterable[str]) -> Refused:
    """The refusal of answers to an instrument that does not ship."""
    fault = Fault(
        FaultCode.UNKNOWN_INSTRUMENT,
        None,
        f"{id_} is not an instrument that can be scored.",
        f"Use one of {', '.join(known)}.",
    )
    return Refused((fault,))


def measured_twice(id_: str) -> Refused:
    """The refusal of two different sets of answers in one session: neither is picked over the other."""
    fault = Fault(
        FaultCode.MEASURED_TWICE,
        None,
        f"{id_} was answered twice in one session, with different answers.",
        "Amend the session so that it holds one set of answers.",
    )
    return Refused((fault,))


def _read(item: Item, answer: object, *, integers_only: bool) -> Fraction | Fault:
    span = f"{item.lowest} to {item.highest}"
    # bool is an int to Python and an answer to nobody.
    if isinstance(answer, bool) or not isinstance(answer, int | float) or not math.isfinite(answer):
        return Fault(FaultCode.NOT_A_NUMBER, item.code, "The answer is not a number.", f"Choose a number from {span}.")
    value = Fraction(answer)
    if integers_only and value.denominator != 1:
        fix = f"Choose a whole number from {span}."
        return Fault(FaultCode.NOT_AN_INTEGER, item.code, "The answer is not a whole number.", fix)
    if not item.lowest <= value <= item.highest:
        return Fault(FaultCode.OUT_OF_RANGE, item.code, f"The answer is not within {span}.", f"Choose from {span}.")
    return value


def _missing(item: Item) -> Fault:
    fix = f"Choose a number from {item.lowest} to {item.highest}."
    return Fault(FaultCode.MISSING_ITEM, item.code, "This question has no answer yet.", fix)


def _no_answers(instrument: Instrument) -> Fault:
    codes = ", ".join(item.code for item in instrument.items)
    return Fault(FaultCode.NO_ANSWERS, None, "There is no answer at all.", f"Answer these items: {codes}.")


def _unknown(instrument: Instrument, given: Mapping[str, object]) -> list[Fault]:
    known = {item.code for item in instrument.items}
    fix = f"The items of {instrument.id} are {', '.join(sorted(known))}."
    return [
        Fault(FaultCode.UNKNOWN_ITEM, code, f"{instrument.id} has no such item.", fix)
        for code in sorted(set(given) - known)
    ]
