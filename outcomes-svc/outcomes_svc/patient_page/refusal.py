"""What is said of answers that could not be taken: to which question, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from outcomes_svc.patient_page.question import Sheet
from outcomes_svc.patient_page.texts import Texts
from outcomes_svc.scoring.scale import Fault


@dataclass(frozen=True)
class Refusal:
    """`by_item` in the order of the questions; `general` is what concerns no question that is shown."""

    by_item: Mapping[str, str]
    general: str | None

    @property
    def first(self) -> str | None:
        """The first question that something is wrong with."""
        return next(iter(self.by_item), None)


def refusal(sheet: Sheet, texts: Texts, found: Mapping[str | None, str], faults: Iterable[Fault] = ()) -> Refusal:
    """The refusal for what the form (`found`: item to reason) and the scoring (`faults`) object to."""
    reasons: dict[str | None, str] = {}
    for fault in faults:
        reasons.setdefault(fault.item, fault.code.value)
    reasons |= found
    by_item = {
        question.code: texts.fault(reasons[question.code], question.lowest, question.highest)
        for question in sheet.questions
        if question.code in reasons
    }
    general = next((texts.fault(reason) for item, reason in reasons.items() if item not in by_item), None)
    return Refusal(by_item, general)
