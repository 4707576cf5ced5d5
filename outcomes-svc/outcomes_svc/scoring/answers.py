"""Reading answers: what is a valid number for an item, and which items are still open. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from outcomes_svc.instruments.instrument import Instrument, Item, Missing
from outcomes_svc.scoring.faults import Fault, FaultCode, missing, no_answers, too_few, unknown_items

_WHOLE = tuple(Fraction(number) for number in range(256))
"""Whole answers are read millions of times and never change."""


def read_answers(instrument: Instrument, given: Mapping[str, object]) -> tuple[dict[str, Fraction], list[Fault]]:
    """The answers that can be read, in the instrument's order, and every fault in them or in what is missing."""
    read: dict[str, Fraction] = {}
    faults: list[Fault] = []
    for item in instrument.items:
        if item.code in given:
            answer = read_answer(item, given[item.code], integers_only=instrument.integers_only)
            if isinstance(answer, Fault):
                faults.append(answer)
            else:
                read[item.code] = answer
    # Whether too few were answered is judged by what was given: an answer that cannot be read has its own fault.
    faults += _open_faults(instrument, given)
    faults += unknown_items(instrument, given)
    if not faults and not any(item.code in read for item in instrument.main_items):
        faults.append(no_answers(instrument.main_items))
    return read, faults


def read_answer(item: Item, answer: object, *, integers_only: bool) -> Fraction | Fault:
    """One answer as an exact number, or why it is none."""
    if type(answer) is int and item.lowest <= answer <= item.highest:
        return _WHOLE[answer] if 0 <= answer < len(_WHOLE) else Fraction(answer)
    span = f"{item.lowest} to {item.highest}"
    # bool is an int to Python and an answer to nobody.
    if isinstance(answer, bool) or not isinstance(answer, int | float) or not _finite(answer):
        return Fault(FaultCode.NOT_A_NUMBER, item.code, "The answer is not a number.", f"Choose a number from {span}.")
    value = Fraction(answer)
    if integers_only and value.denominator != 1:
        fix = f"Choose a whole number from {span}."
        return Fault(FaultCode.NOT_AN_INTEGER, item.code, "The answer is not a whole number.", fix)
    if not item.lowest <= value <= item.highest:
        return Fault(FaultCode.OUT_OF_RANGE, item.code, f"The answer is not within {span}.", f"Choose from {span}.")
    return value


def _finite(number: float) -> bool:
    """A whole number always is, also one that is too large for a float."""
    return isinstance(number, int) or math.isfinite(number)


def _open_faults(instrument: Instrument, given: Mapping[str, object]) -> list[Fault]:
    if given.keys() >= instrument.item_codes:
        return []
    items = instrument.main_items
    faults: list[Fault] = []
    if instrument.missing is Missing.REQUIRE_ALL:
        faults += [missing(item) for item in items if item.code not in given]
    elif not any(item.code in given for item in items):
        pass  # nothing was answered at all, which is one fault and not one for each item
    elif instrument.domains:
        for domain in instrument.domains:
            faults += _enough(domain.items, given, domain.minimum_answered)
    elif instrument.minimum_answered is not None:
        faults += _enough([item.code for item in items], given, instrument.minimum_answered)
    return faults + _open_parts(instrument, given)


def _enough(codes: Sequence[str], given: Mapping[str, object], needed: int) -> list[Fault]:
    open_items = [code for code in codes if code not in given]
    answered = len(codes) - len(open_items)
    return [] if answered >= needed else [too_few(open_items, answered, needed, len(codes))]


def _open_parts(instrument: Instrument, given: Mapping[str, object]) -> list[Fault]:
    """A part is answered as a whole; one that is optional may be left out as a whole."""
    faults: list[Fault] = []
    for part in instrument.parts:
        if part.optional and not any(code in given for code in part.items):
            continue
        faults += [missing(item) for item in instrument.items_of(part.items) if item.code not in given]
    return faults
