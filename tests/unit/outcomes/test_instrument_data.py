"""The instruments that ship add up, and a data file that does not is refused with the reason."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from outcomes_svc.instruments.catalogue import InstrumentDataError, build_catalogue, read_instrument, shipped

DATA = resources.files("outcomes_svc.instruments").joinpath("data")


def peg() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(DATA.joinpath("peg.v1.json").read_text())
    return data


def refused(data: dict[str, Any]) -> str:
    with pytest.raises(InstrumentDataError) as error:
        read_instrument("peg.v1.json", json.dumps(data))
    return str(error.value)


def test_what_ships() -> None:
    assert [(i.id, i.version, len(i.items), i.better.value) for i in shipped().all()] == [
        ("NPRS", "1", 1, "lower"),
        ("PEG", "1", 3, "lower"),
        ("PSFS", "1", 5, "higher"),
    ]
    assert {i.wording_origin for i in shipped().all()} == {"own"}
    assert shipped().find("NPRS", "1").loinc == {"score": "61583-1"}  # type: ignore[union-attr]


def test_nothing_that_decides_a_score_is_only_recalled() -> None:
    for instrument in shipped().all():
        deciding = [
            f for f in instrument.facts if set(f.about) & {"items", "range", "better", "rule", "missing", "mic", "mdc"}
        ]
        assert deciding
        assert {fact.evidence for fact in deciding} <= {"seen", "own"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("items", [], "items must be there"),
        ("version", "one", "whole number"),
        ("better", "sideways", "sideways"),
        ("rule", "single", "exactly one item"),
        ("missing", "zero", "zero"),
        ("mic", {"absolute": 1.75, "relative": None}, "in quotes"),
        ("mic", {"absolute": "0", "relative": None}, "above zero"),
        ("mic", {"absolute": "1,75", "relative": None}, "ConversionSyntax"),
        ("facts", [], "no source is given for better"),
        ("wording", {"origin": "found somewhere"}, "own or imported"),
        ("surprise", 1, "surprise"),
    ],
)
def test_a_field_that_does_not_fit_stops_the_start(field: str, value: object, says: str) -> None:
    assert says in refused(peg() | {field: value})


def test_a_recalled_threshold_may_not_decide() -> None:
    data = peg()
    next(fact for fact in data["facts"] if fact["about"] == "mic")["evidence"] = "recalled"
    assert "only recalled" in refused(data)


def test_items_need_their_own_codes_and_a_range() -> None:
    data = peg()
    data["items"][1]["code"] = "pain"
    assert "own code" in refused(data)
    data = peg()
    data["items"][1]["lowest"] = 10
    assert "lowest must be below highest" in refused(data)


def test_a_missing_field_and_broken_json_are_named() -> None:
    data = peg()
    del data["recall"]
    assert "recall" in refused(data)
    with pytest.raises(InstrumentDataError, match="not JSON"):
        read_instrument("peg.v1.json", "{")


def test_a_primary_table_may_only_name_what_ships() -> None:
    table = json.loads(DATA.joinpath("primary.v1.json").read_text())
    table["otherwise"]["instrument"] = "GAD-7"
    texts = {name: DATA.joinpath(name).read_text() for name in ("nprs.v1.json", "peg.v1.json", "psfs.v1.json")}
    with pytest.raises(InstrumentDataError, match="GAD-7"):
        build_catalogue(texts, json.dumps(table))


def test_one_version_is_there_once() -> None:
    text = DATA.joinpath("peg.v1.json").read_text()
    with pytest.raises(InstrumentDataError, match="twice"):
        build_catalogue({"a.json": text, "b.json": text}, DATA.joinpath("primary.v1.json").read_text())


@pytest.mark.parametrize(
    ("codes", "instrument", "stand_in"),
    [
        (["M54.59"], "NPRS", False),
        (["m54.2", "F41.1"], "NPRS", False),
        (["M79.18"], "NPRS", False),
        (["M79.7"], "PEG", True),
        (["S83.511A"], "PSFS", False),
        (["F41.1"], "PEG", True),
        ([], "PEG", True),
    ],
)
def test_the_condition_decides_the_primary_instrument(codes: list[str], instrument: str, stand_in: bool) -> None:
    choice = shipped().primary.choose(codes)
    assert (choice.instrument, choice.stand_in) == (instrument, stand_in)
