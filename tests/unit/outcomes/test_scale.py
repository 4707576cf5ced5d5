"""Every pattern of answers ends in a documented score or in a refusal by name; a missing item is never a zero."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument, Missing
from outcomes_svc.scoring.scale import FaultCode, Refused, Scored, score, shown


def instrument(id_: str) -> Instrument:
    found = shipped().current(id_)
    assert found is not None
    return found


def faults(id_: str, answers: dict[str, object]) -> set[tuple[str, str | None]]:
    result = score(instrument(id_), answers)
    assert isinstance(result, Refused)
    assert all(fault.message and fault.fix for fault in result.faults)
    return {(fault.code.value, fault.item) for fault in result.faults}


@pytest.mark.parametrize(
    ("id_", "answers", "value"),
    [
        ("NPRS", {"pain": 0}, 0),
        ("NPRS", {"pain": 10.0}, 10),
        ("PEG", {"pain": 7, "enjoyment": 8, "activity": 8}, 7.67),
        ("PEG", {"pain": 0, "enjoyment": 0, "activity": 0}, 0),
        ("PSFS", {"activity_1": 3, "activity_4": 6}, 4.5),
        ("PSFS", {"activity_5": 0}, 0),
        ("PSFS", {"activity_1": 1, "activity_2": 1, "activity_3": 1, "activity_4": 1, "activity_5": 2}, 1.2),
    ],
)
def test_documented_scores(id_: str, answers: dict[str, object], value: float) -> None:
    result = score(instrument(id_), answers)
    assert isinstance(result, Scored)
    assert shown(result.value) == value


@pytest.mark.parametrize(
    ("id_", "answers", "expected"),
    [
        ("NPRS", {}, {("missing_item", "pain")}),
        ("NPRS", {"pain": None}, {("missing_item", "pain")}),
        ("NPRS", {"pain": 11}, {("out_of_range", "pain")}),
        ("NPRS", {"pain": -1}, {("out_of_range", "pain")}),
        ("NPRS", {"pain": 4.5}, {("not_an_integer", "pain")}),
        ("NPRS", {"pain": "4"}, {("not_a_number", "pain")}),
        ("NPRS", {"pain": True}, {("not_a_number", "pain")}),
        ("NPRS", {"pain": math.nan}, {("not_a_number", "pain")}),
        ("NPRS", {"pain": math.inf}, {("not_a_number", "pain")}),
        ("NPRS", {"ache": 4}, {("missing_item", "pain"), ("unknown_item", "ache")}),
        ("PEG", {"pain": 7, "enjoyment": 8}, {("missing_item", "activity")}),
        ("PEG", {"pain": 7, "enjoyment": 8, "activity": None}, {("missing_item", "activity")}),
        ("PEG", {"pain": 70}, {("out_of_range", "pain"), ("missing_item", "enjoyment"), ("missing_item", "activity")}),
        ("PSFS", {}, {("no_answers", None)}),
        ("PSFS", {"activity_6": 5}, {("unknown_item", "activity_6")}),
        ("PSFS", {"activity_1": 5, "activity_2": 10.5}, {("not_an_integer", "activity_2")}),
    ],
)
def test_refusals_have_a_name_and_an_item(
    id_: str, answers: dict[str, object], expected: set[tuple[str, str | None]]
) -> None:
    assert faults(id_, answers) == expected


WRONG: tuple[tuple[object, FaultCode], ...] = (
    (11, FaultCode.OUT_OF_RANGE),
    (2.5, FaultCode.NOT_AN_INTEGER),
    ("7", FaultCode.NOT_A_NUMBER),
)


@pytest.mark.parametrize("id_", ["NPRS", "PEG", "PSFS"])
def test_every_pattern_of_present_missing_and_wrong_items(id_: str) -> None:
    """All patterns: each item is answered, missing (left out or None) or wrong in one of three ways."""
    chosen = instrument(id_)
    dice = random.Random(20260302)
    states = ("answered", "left out", "none", *WRONG)
    for pattern in itertools.product(states, repeat=len(chosen.items)):
        answers: dict[str, object] = {}
        for item, state in zip(chosen.items, pattern, strict=True):
            if state == "answered":
                answers[item.code] = dice.randint(item.lowest, item.highest)
            elif state == "none":
                answers[item.code] = None
            elif isinstance(state, tuple):
                answers[item.code] = state[0]
        check(chosen, answers)


def check(chosen: Instrument, answers: dict[str, object]) -> None:
    """An independent statement of the rules: what must come out of these answers."""
    given = {code: answer for code, answer in answers.items() if answer is not None}
    wrong = {(dict(WRONG)[answer], code) for code, answer in given.items() if answer in dict(WRONG)}
    missing = {(FaultCode.MISSING_ITEM, item.code) for item in chosen.items if item.code not in given}
    expected: set[tuple[FaultCode, str | None]] = set(wrong)
    if chosen.missing is Missing.REQUIRE_ALL:
        expected |= missing
    elif not given:
        expected = {(FaultCode.NO_ANSWERS, None)}
    result = score(chosen, answers)
    if expected:
        assert isinstance(result, Refused), answers
        assert {(fault.code, fault.item) for fault in result.faults} == expected
    else:
        assert isinstance(result, Scored), answers
        assert result.value == Fraction(sum(int(str(answer)) for answer in given.values()), len(given))


def test_leaving_an_activity_out_is_not_rating_it_zero() -> None:
    rated = score(instrument("PSFS"), {"activity_1": 8, "activity_2": 6})
    zero = score(instrument("PSFS"), {"activity_1": 8, "activity_2": 6, "activity_3": 0})
    assert isinstance(rated, Scored)
    assert isinstance(zero, Scored)
    assert rated.value == 7
    assert zero.value < rated.value
