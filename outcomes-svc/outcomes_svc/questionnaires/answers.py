"""The answers of a FHIR item as the numbers that an instrument's item takes. Pure.

A number comes from the resource itself (ordinalValue, an integer answer), from this project's own answer codes, or from
the table of LOINC answer codes. The numbers must be exactly those of the item: no more, no fewer, none twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from outcomes_svc.instruments.instrument import Item
from outcomes_svc.questionnaires.fhir import FhirItem
from outcomes_svc.questionnaires.fhir_parts import Coding, FhirOption
from outcomes_svc.questionnaires.wording import Answer

ANSWER_SYSTEM = "urn:fascia:answer"
"""System of an answer code that is the number itself."""

_NUMERIC = ("integer", "decimal", "quantity")
_CHOICES = ("choice", "open-choice")
_MAX_LABEL = 500


@dataclass(frozen=True)
class Unusable:
    """Why the answers of a question cannot be used for an item, and what to do about it."""

    message: str
    fix: str


def read_answers(question: FhirItem, item: Item, scores: Mapping[Coding, int]) -> tuple[Answer, ...] | Unusable:
    """The answers in their order; an empty tuple where any number of the item's range may be given.

    `scores` gives a number to answer codes for this item.
    """
    if question.type in _NUMERIC:
        return _scale(question, item)
    if question.type == "boolean":
        return () if (item.lowest, item.highest) == (0, 1) else _cover(item)
    if question.type not in _CHOICES:
        return Unusable(
            f"An item of type {question.type} has no answers that stand for numbers.",
            f"Make it a choice or an integer that takes {_span(item)}.",
        )
    if question.elsewhere is not None:
        return Unusable("Its answers are in a value set outside the resource.", "Add them as answerOption.")
    return _options(question, item, scores)


def _scale(question: FhirItem, item: Item) -> tuple[Answer, ...] | Unusable:
    low = item.lowest if question.minimum is None else question.minimum
    high = item.highest if question.maximum is None else question.maximum
    return () if (low, high) == (item.lowest, item.highest) else _cover(item)


def _options(question: FhirItem, item: Item, scores: Mapping[Coding, int]) -> tuple[Answer, ...] | Unusable:
    turned = next((option for option in question.options if _contradicts(option, scores)), None)
    if turned is not None:
        return Unusable(
            f"It gives the answer {turned.label[:80]!r} another number than the scale does, perhaps in reverse order.",
            "Correct its ordinalValue, or leave ordinalValue out: the answer's LOINC code says its number.",
        )
    numbers = [_number(option, item, scores) for option in question.options]
    if None in numbers:
        option = question.options[numbers.index(None)]
        return Unusable(f"The answer {option.label[:80]!r} stands for no number.", _how_to_number(item))
    if not all(0 < len(option.label) <= _MAX_LABEL for option in question.options):
        return Unusable("An answer has no label, or one that is too long.", f"Give it 1 to {_MAX_LABEL} characters.")
    answers = _as_answers(item, [number for number in numbers if number is not None])
    if answers is None:
        return _cover(item)
    return tuple(Answer(value, option.label) for value, option in zip(answers, question.options, strict=True))


def _number(option: FhirOption, item: Item, scores: Mapping[Coding, int]) -> float | None:
    coding = option.coding
    if coding is not None and coding.system == ANSWER_SYSTEM:
        return float(coding.code) if coding.code.isdecimal() and len(coding.code) < 6 else None
    if _counts_in_reverse(item):
        return None
    if option.weight is not None:
        return option.weight
    return scores.get(coding) if coding is not None else None


def _contradicts(option: FhirOption, scores: Mapping[Coding, int]) -> bool:
    """Whether a form numbers an answer otherwise than the scale: such forms are published, and invert the score."""
    known = scores.get(option.coding) if option.coding is not None else None
    return known is not None and option.weight is not None and option.weight != known


def _as_answers(item: Item, numbers: list[float]) -> list[int] | None:
    """The item's answers for what a form gives: the answers themselves, or the points that they count (HIT-6)."""
    answers = list(range(item.lowest, item.highest + 1))
    if sorted(numbers) == answers:
        return [int(number) for number in numbers]
    points = item.points or ()
    if len(set(points)) == len(answers) and sorted(numbers) == sorted(points):
        return [answers[points.index(int(number))] for number in numbers]
    return None


def _counts_in_reverse(item: Item) -> bool:
    """Whether a form's number may mean the answer or its points, which are other numbers from the same range.

    Forms do both, and no score is better than one that is upside down: such items need this project's answer codes.
    """
    answers = list(range(item.lowest, item.highest + 1))
    points = list(item.points or answers)
    return points != answers and sorted(points) == answers


def _how_to_number(item: Item) -> str:
    own = f"code each answer with system {ANSWER_SYSTEM} and the number as code, {_span(item)}"
    if _counts_in_reverse(item):
        return f"The item counts in reverse, so an ordinalValue could mean either: {own}, in the order of the scale."
    return f"Give each answer an ordinalValue, or {own}."


def _cover(item: Item) -> Unusable:
    return Unusable(
        f"Its answers are not the numbers {_span(item)} of the item.", f"Offer each number {_span(item)} exactly once."
    )


def _span(item: Item) -> str:
    return f"from {item.lowest} to {item.highest}"
