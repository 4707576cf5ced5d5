"""What a browser sends, as answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from outcomes_svc.patient_page.question import Kind, Sheet

NONE_APPLIES = "_none"
WORDING = "_wording"
OPENED = "_opened"
"""When the page was first shown, in whole seconds of Unix time."""
CONFIRMED = ".set"
"""Behind a slider's code. A browser sends a slider's place also when nobody touched it: this box says somebody did."""

_OWN_FIELDS = (NONE_APPLIES, WORDING, OPENED)
_DIGITS_OF_A_MOMENT = 12
_LONGEST_SITTING = 24 * 60 * 60
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Given:
    """What was sent. `faults` names, by item (None for all), what cannot be taken before anything is scored."""

    answers: Mapping[str, object]
    shown: Mapping[str, object]
    faults: Mapping[str | None, str]


def read_form(form: Mapping[str, Sequence[str]], sheet: Sheet) -> Given:
    """Form fields (name to all values sent) as answers. An empty field is a missing answer.

    What is no number, or was sent twice, stays text, so that scoring refuses it by name. `shown` is what the page shows
    again after a refusal.
    """
    sent = {name: _answer(values) for name, values in form.items() if name not in _OWN_FIELDS}
    if sheet.ticks:
        return _ticked(sent, sheet, none="".join(form.get(NONE_APPLIES, ())) != "")
    sliders = {question.code: question for question in sheet.questions if question.kind is Kind.SLIDER}
    boxes = {f"{code}{CONFIRMED}" for code in sliders}
    answers = {
        name: None if name in sliders and sent.get(f"{name}{CONFIRMED}") is None else answer
        for name, answer in sent.items()
        if name not in boxes
    }
    not_set = [code for code, slider in sliders.items() if slider.required and answers.get(code) is None]
    faults: dict[str | None, str] = dict.fromkeys(not_set, "slider_not_set")
    return Given(answers, sent, faults)


def seconds_open(opened: str, now: datetime) -> int | None:
    """How long the questions were open, by what the browser sends back; None where that cannot be."""
    if not opened.isascii() or not opened.isdigit() or len(opened) > _DIGITS_OF_A_MOMENT:
        return None
    seconds = int(now.timestamp()) - int(opened)
    return seconds if 0 <= seconds <= _LONGEST_SITTING else None


def _ticked(sent: Mapping[str, object], sheet: Sheet, *, none: bool) -> Given:
    """A list to tick: what is not ticked is a no, once anything says that somebody has looked at the list."""
    shown: dict[str, object] = {**sent, NONE_APPLIES: 1 if none else None}
    ticked = [name for name, answer in sent.items() if answer not in (None, 0)]
    if none and ticked:
        return Given({}, shown, {None: "none_and_some"})
    if not none and not ticked:
        return Given({}, shown, {None: "no_answers"})
    return Given({**{question.code: 0 for question in sheet.questions}, **sent}, shown, {})


def _answer(values: Sequence[str]) -> object:
    text = " ".join(value.strip() for value in values).strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
