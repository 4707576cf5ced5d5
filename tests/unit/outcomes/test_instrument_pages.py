"""docs/instruments says what the data says, for every family, with a source for every fact."""

from __future__ import annotations

from pathlib import Path

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.families import FAMILIES
from outcomes_svc.instruments.reference_page import reference_pages

DOCS = Path(__file__).parents[3] / "docs" / "instruments"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference_pages(shipped().all())


def test_the_pages_in_docs_are_those_of_the_data(pages: dict[str, str]) -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    assert kept == pages, "python -m outcomes_svc.instruments --to docs/instruments, and look at the difference"


def test_every_instrument_is_on_the_page_of_its_family(pages: dict[str, str]) -> None:
    for instrument in shipped().all():
        page = pages[f"{instrument.family}.md"]
        assert f"`{instrument.id}`, {instrument.version}" in page
        assert all(item.loinc in page for item in instrument.items if item.loinc)
        assert all(f"`{item.code}`" in page for item in (instrument.items[0], instrument.items[-1]))
        assert all(fact.statement in page and fact.source in page for fact in instrument.facts)
    assert {family.id for family in FAMILIES} == {instrument.family for instrument in shipped().all()}


def test_a_page_says_how_it_is_scored_and_what_matters(pages: dict[str, str]) -> None:
    assert "| important change | 2 points, or 30 % of the baseline |" in pages["numeric-pain.md"]
    assert "| score | sum of the weighted domains, at least 5 of 9; 1 of 2; 5 of 10 answered; lower" in pages["fiqr.md"]
    assert "| `hit6_1` to `hit6_6` |  | 1 to 5 | 6, 8, 10, 11, 13 |" in pages["hit-6.md"]
    assert "| pay | never |" in pages["rom.md"]
