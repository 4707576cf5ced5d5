"""Generated forms of every instrument, and what the documentation of the instruments says must come of each.

The rules are stated here a second time, in plain arithmetic and apart from the code that scores, so that a score that
should have been a refusal, or the other way round, cannot hide.
"""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

MOST_MISSING = 3
WRONG: tuple[tuple[object, str], ...] = (
    ("3", "not_a_number"),
    (True, "not_a_number"),
    (math.nan, "not_a_number"),
    (math.inf, "not_a_number"),
    ([], "not_a_number"),
    (1e300, "out_of_range"),
    (-10_000, "out_of_range"),
    (10**40, "out_of_range"),
    (-(10**400), "out_of_range"),
)

Answers = dict[str, Any]
Documented = Callable[[Mapping[str, int]], float | None]


@dataclass(frozen=True)
class Form:
    """Answers, and what must come of them: `score`, or None and then a refusal with the faults in `named`."""

    instrument: str
    answers: Answers
    score: float | None
    named: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Sheet:
    """An empty form: its items with the answers that each allows, and the documented rule."""

    instrument: str
    items: tuple[tuple[str, range], ...]
    documented: Documented

    def patterns(self) -> Iterator[frozenset[str]]:
        """Every set of up to three missing items."""
        codes = [code for code, _ in self.items]
        for missing in range(min(MOST_MISSING, len(codes)) + 1):
            yield from map(frozenset, itertools.combinations(codes, missing))

    def form(self, dice: random.Random, missing: frozenset[str]) -> Form:
        """A form with random answers; a missing item is left out or None."""
        given = {code: dice.choice(span) for code, span in self.items if code not in missing}
        answers: Answers = {**given, **{code: None for code in missing if dice.random() < 0.5}}
        return Form(self.instrument, answers, self.documented(given), frozenset())

    def spoiled(self, dice: random.Random, missing: frozenset[str]) -> Form:
        """A form with one answer that nobody can have meant, or with an item that the instrument does not have."""
        form = self.form(dice, missing)
        given = [code for code, answer in form.answers.items() if answer is not None]
        if not given or dice.random() < 0.1:
            return Form(
                self.instrument,
                {**form.answers, "no such item": 1},
                None,
                frozenset({("unknown_item", "no such item")}),
            )
        (wrong, code), item = dice.choice(WRONG), dice.choice(given)
        return Form(self.instrument, {**form.answers, item: wrong}, None, frozenset({(code, item)}))


def forms(sheets: Sequence[Sheet], each: int, seed: int) -> Iterator[Form]:
    """`each` forms of every sheet: every third complete, the others going round all its patterns.

    Every tenth is spoiled.
    """
    dice = random.Random(seed)
    for sheet in sheets:
        patterns = itertools.cycle(sheet.patterns())
        for number in range(each):
            missing = frozenset() if number % 3 == 0 else next(patterns)
            yield sheet.spoiled(dice, missing) if number % 10 == 9 else sheet.form(dice, missing)


def sheets() -> list[Sheet]:
    """One for every instrument file that ships."""
    data = resources.files("outcomes_svc.instruments").joinpath("data")
    files = sorted((file for file in data.iterdir() if not file.name.startswith("primary")), key=lambda file: file.name)
    return [_sheet(json.loads(file.read_text(encoding="utf-8"))) for file in files]


def _sheet(data: dict[str, Any]) -> Sheet:
    items = tuple((row["code"], range(row["lowest"], row["highest"] + 1)) for row in data["items"])
    documented = _of_table(data) if data["family"] == "promis" else DOCUMENTED[data["id"]]
    return Sheet(data["id"], items, documented)


def _of_table(data: dict[str, Any]) -> Documented:
    """Complete forms only; the pain rating of the global form is recoded."""
    table = {row["raw"]: float(row["t"]) for row in data["table"]}
    count = len(data["items"])

    def documented(given: Mapping[str, int]) -> float | None:
        if len(given) < count:
            return None
        return table[sum(_recoded_pain(answer) if code == "Global07r" else answer for code, answer in given.items())]

    return documented


def _recoded_pain(answer: int) -> int:
    return 5 if answer == 0 else 4 if answer <= 3 else 3 if answer <= 6 else 2 if answer <= 9 else 1


def _all_of(count: int) -> Documented:
    return lambda given: float(sum(given.values())) if len(given) == count else None


def _hit6(given: Mapping[str, int]) -> float | None:
    points = {1: 6, 2: 8, 3: 10, 4: 11, 5: 13}
    return float(sum(points[answer] for answer in given.values())) if len(given) == 6 else None


def _percent(given: Mapping[str, int]) -> float | None:
    return sum(given.values()) / (5 * len(given)) * 100 if len(given) >= 9 else None


def _mean_of_rated(given: Mapping[str, int]) -> float | None:
    return sum(given.values()) / len(given) if given else None


def _peg(given: Mapping[str, int]) -> float | None:
    return sum(given.values()) / 3 if len(given) == 3 else None


def _ticks(given: Mapping[str, int]) -> float | None:
    return float(sum(given.values())) if given else None


def _named(given: Mapping[str, int], start: str) -> list[int]:
    return [answer for code, answer in given.items() if code.startswith(start)]


def _quickdash(given: Mapping[str, int]) -> float | None:
    main, work, sport = (_named(given, start) for start in ("quickdash_", "work_", "sport_"))
    if len(main) < 10 or len(work) not in (0, 4) or len(sport) not in (0, 4):
        return None
    return (sum(main) / len(main) - 1) * 25


def _bctq(given: Mapping[str, int]) -> float | None:
    return sum(_named(given, "sss_")) / 11 if len(given) == 19 else None


def _fiqr(given: Mapping[str, int]) -> float | None:
    function, overall, symptoms = (_named(given, start) for start in ("function_", "overall_", "symptoms_"))
    if len(function) < 5 or len(overall) < 1 or len(symptoms) < 5:
        return None
    return (
        sum(function) * 9 / len(function) / 3 + sum(overall) * 2 / len(overall) + sum(symptoms) * 10 / len(symptoms) / 2
    )


DOCUMENTED: Mapping[str, Documented] = {
    "NPRS": _all_of(1),
    "VAS": _all_of(1),
    "PEG": _peg,
    "PSFS": _mean_of_rated,
    "RMDQ": _ticks,
    "NDI": _percent,
    "ODI": _percent,
    "QuickDASH": _quickdash,
    "LEFS": _all_of(20),
    "BCTQ": _bctq,
    "FIQR": _fiqr,
    "PHQ-9": _all_of(9),
    "GAD-7": _all_of(7),
    "ISI": _all_of(7),
    "HIT-6": _hit6,
    "ROM": _mean_of_rated,
}
