"""Red flags: what forbids, narrows or delays treatment, as data with a source for each rule."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from fascia.problem import RuleViolation


class Action(StrEnum):
    """What a raised flag asks for."""

    REFUSE = "refuse"
    AVOID_AREA = "avoid_area"
    CLEARANCE_FIRST = "clearance_first"


class Verdict(StrEnum):
    """May this patient be treated? From the freest to the strictest."""

    CLEARED = "cleared"
    RESTRICTED = "restricted"
    NEEDS_CLEARANCE = "needs_clearance"
    DECLINED = "declined"

    @property
    def strictness(self) -> int:
        """0 for cleared up to 3 for declined."""
        return list(Verdict).index(self)


_VERDICT_OF = {
    Action.AVOID_AREA: Verdict.RESTRICTED,
    Action.CLEARANCE_FIRST: Verdict.NEEDS_CLEARANCE,
    Action.REFUSE: Verdict.DECLINED,
}


@dataclass(frozen=True)
class Rule:
    """One question whose yes is a red flag. `source` says where the rule comes from."""

    code: str
    action: Action
    question: str
    source: str


@dataclass(frozen=True)
class RedFlag:
    """A raised flag. `origin` is "intake" or "medication"; `areas` are the body areas it concerns, where known."""

    code: str
    action: Action
    origin: str = "intake"
    areas: tuple[str, ...] = ()


@cache
def rules() -> Mapping[str, Rule]:
    """The table in force, by code, in the order in which the questions are asked."""
    document = json.loads(files(__package__).joinpath("red_flags.json").read_text())
    return {
        row["code"]: Rule(row["code"], Action(row["action"]), row["question"], row["source"])
        for row in document["rules"]
    }


def raised(answers: Mapping[str, bool], areas: Mapping[str, Iterable[str]]) -> tuple[RedFlag, ...]:
    """The flags that the answers raise; every question must be answered, because an unanswered one is not a no."""
    table = rules()
    unknown = sorted(set(answers) - set(table))
    if unknown:
        raise RuleViolation(
            "unknown-red-flag",
            f"Not questions of the intake: {', '.join(unknown)}.",
            f"answers.{unknown[0]}",
            "See GET /v1/red-flags for the codes.",
        )
    unanswered = [code for code in table if code not in answers]
    if unanswered:
        raise RuleViolation(
            "unanswered-red-flag",
            f"Not answered: {', '.join(unanswered)}. An unanswered question is not a no.",
            f"answers.{unanswered[0]}",
            "Answer each code of GET /v1/red-flags with true or false.",
        )
    stray = sorted(code for code in areas if not answers.get(code))
    if stray:
        raise RuleViolation(
            "area-without-flag",
            f"Areas are named for {stray[0]}, which is not raised.",
            f"areas.{stray[0]}",
            "Leave it out.",
        )
    return tuple(
        RedFlag(code, rule.action, "intake", tuple(areas.get(code, ())))
        for code, rule in table.items()
        if answers[code]
    )


def screening(flags: Iterable[RedFlag]) -> Verdict:
    """The freest verdict that the flags allow."""
    return max(
        (_VERDICT_OF[flag.action] for flag in flags), key=lambda verdict: verdict.strictness, default=Verdict.CLEARED
    )
