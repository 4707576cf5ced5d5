"""1,000,000 generated forms through the scoring rules: every one a documented score or a refusal by name.

All patterns with up to three missing items of every instrument that ships, every tenth form with an answer that cannot
be read. Beside it the bare sum of the same answers, which is the least that any scoring must do.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections import Counter

from forms import Form, forms, sheets
from measurement import Result, show
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.scoring.scale import Refused, Scored, score

TOTAL = 1_000_000
CHUNK = 20_000
SEED = 20261123


class Tally:
    """What came of the forms, and the time that it took."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.scoring = 0.0
        self.summing = 0.0

    def take(self, chunk: list[Form]) -> None:
        """Score a chunk, sum the same answers, then judge each result by the documented rule."""
        known = {found.id: found for found in shipped().all()}
        started = time.perf_counter()
        results: list[Scored | Refused | Exception] = []
        for form in chunk:
            try:
                results.append(score(known[form.instrument], form.answers))
            except Exception as error:  # whatever it is, it is counted
                results.append(error)
        self.scoring += time.perf_counter() - started
        clean = [[answer for answer in form.answers.values() if type(answer) is int] for form in chunk]
        started = time.perf_counter()
        for answers in clean:
            sum(answers)
        self.summing += time.perf_counter() - started
        self.seen.update(judged(form, result) for form, result in zip(chunk, results, strict=True))


def judged(form: Form, result: Scored | Refused | Exception) -> str:
    """One word for what came of a form."""
    if isinstance(result, Exception):
        return "exception"
    if isinstance(result, Refused):
        found = {(fault.code.value, fault.item or "") for fault in result.faults}
        named = bool(found) and all(fault.message and fault.fix for fault in result.faults)
        return "refused" if form.score is None and named and form.named <= found else "wrongly refused"
    if form.score is None:
        return "silent score"
    return "scored" if math.isclose(float(result.value), form.score, abs_tol=1e-9) else "wrong score"


def measure(total: int) -> Result:
    """All forms, in chunks."""
    all_sheets, tally = sheets(), Tally()
    each = -(-total // len(all_sheets))
    generated = itertools.islice(forms(all_sheets, each, SEED), total)
    while chunk := list(itertools.islice(generated, CHUNK)):
        tally.take(chunk)
    shown = [sum(1 for _ in itertools.islice(sheet.patterns(), each * 2 // 3)) for sheet in all_sheets]
    patterns = [sum(1 for _ in sheet.patterns()) for sheet in all_sheets]
    return _result(tally, total, f"{sum(shown):,} of the {sum(patterns):,}", len(all_sheets))


def _result(tally: Tally, total: int, patterns: str, instruments: int) -> Result:
    bad = {name: count for name, count in tally.seen.items() if name not in ("scored", "refused")}
    rate, ceiling = total / tally.scoring, total / tally.summing
    silent = sum(bad.values()) - tally.seen["exception"]
    counts = (total, tally.seen["scored"], tally.seen["refused"], tally.seen["exception"], silent)
    result = Result(
        title=f"Scoring: {total:,} generated forms",
        command="make bench ARGS='--only scoring_forms'",
        columns=("forms", "scored", "refused by name", "exceptions", "silent or wrong", "forms/s", "sums/s", "ratio"),
    )
    result.rows.append(
        (*(f"{count:,}" for count in counts), f"{rate:,.0f}", f"{ceiling:,.0f}", f"{rate / ceiling:.3f}")
    )
    result.notes += [
        f"{patterns} patterns with up to three missing items, over all {instruments} instruments, and every third",
        "form complete; every tenth has an answer that cannot be read or an item that does not exist. What must come",
        "of each is stated a second time in tests/bench/forms.py, apart from the code that scores. Aim: 0 exceptions,",
        f"0 silent scores. {'Reached.' if not bad else f'MISSED: {bad}'} One core; the ceiling is the bare sum of the",
        "same answers. Scoring also checks every answer, works in exact fractions and names what is missing.",
    ]
    return result


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=int, default=TOTAL)
    parser.add_argument("--json", action="store_true")
    show([measure(parser.parse_args().forms)])


if __name__ == "__main__":
    main()
