"""An assessment with the questions that it asks, as a client or a page shows it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outcomes_svc.assessments.assessment import Assessment, AssessmentState
from outcomes_svc.instruments.instrument import Instrument, Item, Missing
from outcomes_svc.questionnaires.wording import Wording


@dataclass(frozen=True)
class Questionnaire:
    """What is asked and where the assessment stands.

    `offered` is the practice's wording in which to ask it; None: the texts of the items, or nobody looked for one.
    """

    assessment: Assessment
    state: AssessmentState
    introduction: str
    items: tuple[Item, ...]
    all_required: bool
    offered: Wording | None = None


def questionnaire(assessment: Assessment, instrument: Instrument, now: datetime) -> Questionnaire:
    """The assessment as it stands at `now`, with its items in the instrument's order."""
    items = instrument.items_of(assessment.items)
    all_required = instrument.missing is Missing.REQUIRE_ALL
    return Questionnaire(assessment, assessment.state(now), instrument.introduction or "", items, all_required)
