"""The 16 PROMIS tables are the verified ones, cell by cell; an altered cell cannot go unseen."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from outcomes_svc.instruments.catalogue import InstrumentDataError, read_instrument, shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.instruments.table_digest import table_digest
from outcomes_svc.scoring.scale import Scored, score

DATA = resources.files("outcomes_svc.instruments").joinpath("data")
VERIFIED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "verified_tables.json").read_text())["sha256"]
"""Made from the verified tables themselves and not from what ships."""


def file_of(id_: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(DATA.joinpath(f"{id_}.v1.json").read_text())
    return data


def digest_of(rows: list[dict[str, Any]]) -> str:
    return table_digest((row["raw"], row["t"], row["se"]) for row in rows)


def with_table(id_: str) -> Instrument:
    found = shipped().current(id_)
    assert found is not None
    return found


def test_every_form_with_a_table_is_among_the_verified_ones() -> None:
    assert {instrument.id for instrument in shipped().all() if instrument.table} == set(VERIFIED)
    assert len(VERIFIED) == 16


@pytest.mark.parametrize("id_", sorted(VERIFIED))
def test_the_table_that_ships_is_the_verified_one(id_: str) -> None:
    assert digest_of(file_of(id_)["table"]) == VERIFIED[id_]


@pytest.mark.parametrize("id_", sorted(VERIFIED))
def test_any_altered_cell_fails_the_proof_and_stops_the_start(id_: str) -> None:
    cells = [(place, name) for place in range(len(file_of(id_)["table"])) for name in ("raw", "t", "se")]
    assert len(cells) in (17 * 3, 29 * 3, 33 * 3)
    for place, name in cells:
        data = file_of(id_)
        row = data["table"][place]
        row[name] = row["raw"] + 1 if name == "raw" else str(Decimal(row[name]) + Decimal("0.1"))
        assert digest_of(data["table"]) != VERIFIED[id_], (place, name)
        with pytest.raises(InstrumentDataError):
            read_instrument(id_, json.dumps(data))


@pytest.mark.parametrize("id_", sorted(VERIFIED))
def test_every_row_is_reached_by_answers_and_gives_what_the_file_says(id_: str) -> None:
    """Answers are raised one item and one step at a time, which passes through every raw sum."""
    instrument, rows = with_table(id_), {row["raw"]: row for row in file_of(id_)["table"]}
    recoded = {item.code: list(item.points) for item in instrument.items if item.points}
    answers = {item.code: 1 for item in instrument.items}
    answers |= {code: points.index(1) for code, points in recoded.items()}
    seen = set()
    for item in (None, *instrument.items):
        for step in range(1, 6):
            if item is not None:
                answers[item.code] = recoded[item.code].index(step) if item.code in recoded else step
            raw = sum(recoded[code][answer] if code in recoded else answer for code, answer in answers.items())
            result = score(instrument, answers)
            assert isinstance(result, Scored)
            assert result.standard_error is not None
            found = f"{float(result.value):.1f}", f"{float(result.standard_error):.1f}"
            assert found == (rows[raw]["t"], rows[raw]["se"])
            seen.add(raw)
    assert seen == set(rows)


def test_a_digest_alone_does_not_make_a_table_verified() -> None:
    """Whoever changes a cell and the digest beside it in the file still meets the proof in this test."""
    data = file_of("promis-anxiety-4a-v1.0")
    data["table"][3]["t"] = "53.8"
    data["table_sha256"] = digest_of(data["table"])
    assert read_instrument("altered", json.dumps(data)).table[7].t == Decimal("53.8")
    assert data["table_sha256"] != VERIFIED["promis-anxiety-4a-v1.0"]


def test_known_cells() -> None:
    """Single cells, typed in by hand: a mistake in making the digests would show here."""
    anxiety = with_table("promis-anxiety-4a-v1.0").table
    assert [(float(anxiety[raw].t), float(anxiety[raw].standard_error)) for raw in (4, 5, 20)] == [
        (40.3, 6.1),
        (48.0, 3.6),
        (81.6, 3.7),
    ]
    pain = with_table("promis-pain-interference-4a-v1.0").table
    assert [float(pain[raw].t) for raw in (4, 20)] == [41.6, 75.6]
