"""All patterns with up to three missing items, of every instrument: a documented score or a refusal by name.

A smaller run of what tests/bench/scoring_forms.py does with a million forms; the rules as documented are stated in
tests/bench/forms.py.
"""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.scoring import scale

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def forms() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCH))
    try:
        yield importlib.import_module("forms")
    finally:
        sys.path.remove(str(BENCH))


@pytest.fixture(scope="module")
def bench(forms: ModuleType) -> ModuleType:
    return importlib.import_module("scoring_forms")


def outcomes(bench: ModuleType, made: list[Any]) -> Counter[str]:
    known = {found.id: found for found in shipped().all()}
    return Counter(bench.judged(form, scale.score(known[form.instrument], form.answers)) for form in made)


def test_every_instrument_is_among_the_forms(forms: ModuleType) -> None:
    assert {sheet.instrument for sheet in forms.sheets()} == {instrument.id for instrument in shipped().all()}


def test_every_pattern_with_up_to_three_missing_items(forms: ModuleType, bench: ModuleType) -> None:
    dice = forms.random.Random(3)
    for sheet in forms.sheets():
        made = [sheet.form(dice, missing) for missing in sheet.patterns()]
        assert set(outcomes(bench, made)) <= {"scored", "refused"}, sheet.instrument


def test_answers_that_nobody_can_have_meant_are_refused_by_name(forms: ModuleType, bench: ModuleType) -> None:
    dice = forms.random.Random(4)
    for sheet in forms.sheets():
        made = [sheet.spoiled(dice, frozenset()) for _ in range(60)]
        assert outcomes(bench, made) == {"refused": 60}, sheet.instrument


def test_a_missing_item_that_counts_as_zero_would_be_seen(
    forms: ModuleType, bench: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check itself is checked: with the mistake put in, forms with missing items become silent scores."""
    honest = scale.read_answers

    def careless(instrument: Any, given: dict[str, object]) -> Any:
        lowest: dict[str, object] = {item.code: item.lowest for item in instrument.items}
        return honest(instrument, lowest | given)

    monkeypatch.setattr(scale, "read_answers", careless)
    dice = forms.random.Random(5)
    made = [sheet.form(dice, missing) for sheet in forms.sheets()[:8] for missing in sheet.patterns()]
    assert outcomes(bench, made)["silent score"] > 0
