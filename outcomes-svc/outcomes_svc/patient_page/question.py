"""The questions of the page: an instrument's items in the words that are shown, and how each is answered. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from outcomes_svc.instruments.instrument import Instrument, Item, Missing
from outcomes_svc.patient_page.texts import Texts
from outcomes_svc.questionnaires.wording import OWN, Answer, ItemWording, Wording

_LONGEST_SCALE = 20
_FEW = 7


class Kind(StrEnum):
    """How a question is answered: a row of numbers, a list of words, a tick, or a mark on a line."""

    SCALE = "scale"
    CHOICE = "choice"
    TICK = "tick"
    SLIDER = "slider"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One item as it is shown. `lead` stands above it where it is not what stood above the question before."""

    code: str
    kind: Kind
    text: str
    lead: str
    lowest: int
    highest: int
    lowest_label: str
    highest_label: str
    answers: tuple[Answer, ...]
    required: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All questions of an assessment. `wording` is what the assessment keeps; `language` is that of the questions.

    `introduction` is in the language of the questions, `period` in that of the page: an imported wording may not say
    over what time the answers are asked, and without it they mean nothing.
    """

    wording: str
    language: str
    introduction: str
    period: str
    questions: tuple[Question, ...]
    ticks: bool
    may_skip: bool


def sheet(instrument: Instrument, codes: Iterable[str], wording: Wording | None, texts: Texts) -> Sheet:
    """What is shown for the items `codes`: in an imported wording, or in the instrument's own.

    Items that a wording does not have (a part that may be left out) are not asked.
    """
    items = instrument.items_of(codes)
    ticks = instrument.missing is Missing.UNTICKED_IS_NO
    required = {item.code for item in instrument.main_items} if instrument.missing is Missing.REQUIRE_ALL else set()
    questions: list[Question] = []
    lead = ""
    for item in items:
        words = wording.item(item.code) if wording else _own(item)
        if words is not None:
            repeated = words.lead == lead
            lead = words.lead
            above = "" if repeated else lead
            questions.append(_question(item, words, above, texts, ticks=ticks, required=item.code in required))
    return Sheet(
        wording=wording.id if wording else OWN,
        language=wording.language if wording else instrument.language,
        introduction=wording.introduction if wording else instrument.introduction or "",
        period=_period(instrument, wording, texts),
        questions=tuple(questions),
        ticks=ticks,
        may_skip=instrument.missing is Missing.AT_LEAST,
    )


def _period(instrument: Instrument, wording: Wording | None, texts: Texts) -> str:
    said = wording is None or wording.introduction or any(item.lead for item in wording.items)
    return "" if said else texts.think_of(instrument.recall)


def _question(item: Item, words: ItemWording, lead: str, texts: Texts, *, ticks: bool, required: bool) -> Question:
    kind, answers = _kind(item, words.options, texts, ticks=ticks)
    return Question(
        code=item.code,
        kind=kind,
        text=words.text,
        lead=lead,
        lowest=item.lowest,
        highest=item.highest,
        lowest_label=words.lowest_label,
        highest_label=words.highest_label,
        answers=answers,
        required=required,
    )


def _kind(item: Item, options: tuple[Answer, ...], texts: Texts, *, ticks: bool) -> tuple[Kind, tuple[Answer, ...]]:
    if ticks:
        return Kind.TICK, ()
    if options and not _only_numbers(options):
        return Kind.CHOICE, options
    if (item.lowest, item.highest) == (0, 1):
        return Kind.CHOICE, (Answer(1, texts["yes"]), Answer(0, texts["no"]))
    return (Kind.SLIDER if item.highest - item.lowest > _LONGEST_SCALE else Kind.SCALE), ()


def _only_numbers(options: tuple[Answer, ...]) -> bool:
    """Whether a long list of answers only spells out a scale of numbers."""
    return len(options) > _FEW and all(answer.label == str(answer.value) for answer in options)


def _own(item: Item) -> ItemWording | None:
    if item.text is None:
        return None
    return ItemWording(
        code=item.code,
        link_id=item.code,
        text=item.text,
        lowest_label=item.lowest_label or "",
        highest_label=item.highest_label or "",
    )
