"""The instruments that ship add up, and a data file that does not is refused with the reason."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from outcomes_svc.instruments.catalogue import InstrumentDataError, build_catalogue, read_instrument, shipped
from outcomes_svc.instruments.data_faults import DECIDING

DATA = resources.files("outcomes_svc.instruments").joinpath("data")


def peg() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(DATA.joinpath("peg.v1.json").read_text())
    return data


def refused(data: dict[str, Any]) -> str:
    with pytest.raises(InstrumentDataError) as error:
        read_instrument("peg.v1.json", json.dumps(data))
    return str(error.value)


SHIPS = {
    "NPRS": (1, "lower", "single"),
    "VAS": (1, "lower", "single"),
    "PEG": (3, "lower", "mean"),
    "PSFS": (5, "higher", "mean"),
    "RMDQ": (24, "lower", "count"),
    "NDI": (10, "lower", "percent"),
    "ODI": (10, "lower", "percent"),
    "QuickDASH": (11 + 4 + 4, "lower", "scaled_mean"),
    "LEFS": (20, "higher", "sum"),
    "BCTQ": (11 + 8, "lower", "mean"),
    "FIQR": (21, "lower", "weighted_domains"),
    "PHQ-9": (9, "lower", "sum"),
    "GAD-7": (7, "lower", "sum"),
    "ISI": (7, "lower", "sum"),
    "HIT-6": (6, "lower", "sum"),
    "ROM": (46, "higher", "mean"),
}


def test_what_ships() -> None:
    classical = {i.id: (len(i.items), i.better.value, i.rule.value) for i in shipped().all() if i.family != "promis"}
    assert classical == SHIPS
    promis = [instrument for instrument in shipped().all() if instrument.family == "promis"]
    assert len(promis) == 16
    assert {instrument.rule.value for instrument in promis} == {"t_score"}
    assert shipped().find("NPRS", "1").loinc == {"score": "61583-1"}  # type: ignore[union-attr]


def test_only_our_own_wording_ships() -> None:
    with_wording = {i.id for i in shipped().all() if i.wording_shipped}
    assert with_wording == {"NPRS", "VAS", "PEG", "PSFS", "ROM"}
    for instrument in shipped().all():
        texts = {text for item in instrument.items for text in (item.text, item.lowest_label, item.highest_label)}
        assert (None not in texts) if instrument.id in with_wording else (texts == {None})


def test_what_is_licensed_and_what_is_never_paid() -> None:
    assert {i.id for i in shipped().all() if i.licence_required} == {"NDI", "ODI", "QuickDASH", "LEFS", "ISI", "HIT-6"}
    assert {i.id for i in shipped().all() if i.never_paid} == {"PHQ-9", "ROM"}
    assert {i.id for i in shipped().all() if i.mic is None} == {"ROM"}
    assert [(i.id, item.code) for i in shipped().all() for item in i.items if item.alert_above == 0] == [
        ("PHQ-9", "phq9_9")
    ]


def test_nothing_that_decides_a_score_is_only_recalled() -> None:
    for instrument in shipped().all():
        deciding = [fact for fact in instrument.facts if set(fact.about) & DECIDING]
        assert deciding
        assert {fact.evidence for fact in deciding} <= {"seen", "own"}


def test_items_have_a_loinc_code_once() -> None:
    for instrument in shipped().all():
        codes = [item.loinc for item in instrument.items if item.loinc]
        assert len(codes) == len(set(codes))
    phq = shipped().current("PHQ-9")
    assert phq is not None
    assert [item.loinc for item in phq.items][-1] == "44260-8"


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
        ("introduction", None, "introduction ships"),
        ("never_paid", "no", "never_paid must be true or false"),
        ("minimum_answered", 2, "exactly where a number of answers suffices"),
        ("missing", "at_least", "exactly where a number of answers suffices"),
        ("missing", "unticked_is_no", "where ticks are counted"),
        ("rule", "t_score", "a table is there exactly where"),
        ("domains", [{"code": "a", "items": ["pain"], "divisor": 1, "minimum_answered": 1}], "weighted_domains"),
        ("bands", [{"from": "5", "label": "b"}, {"from": "1", "label": "a"}], "ascending"),
        ("standard_error", "1.2", "no source is given for standard_error"),
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


def test_wording_that_is_not_ours_does_not_ship() -> None:
    data = peg() | {"wording": {"origin": "imported"}, "introduction": None}
    assert "wording that is not our own" in refused(data)


def test_points_are_given_for_every_answer() -> None:
    data = peg()
    data["items"][0]["points"] = [1, 2, 3]
    assert "points must be given for each answer" in refused(data)


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


def test_both_versions_of_the_primary_table_load_and_the_newer_one_is_used() -> None:
    assert sorted(shipped().primaries) == ["1", "2"]
    assert shipped().primary.version == "2"
    assert shipped().primaries["1"].choose(["G56.01"]).instrument == "PEG"


def test_a_row_must_end_with_something_that_can_always_be_asked() -> None:
    table = json.loads(DATA.joinpath("primary.v2.json").read_text())
    table["otherwise"]["candidates"] = [{"instrument": "PHQ-9", "stand_in": False}]
    texts = {file.name: file.read_text() for file in DATA.iterdir() if not file.name.startswith("primary")}
    with pytest.raises(InstrumentDataError, match="whose wording ships"):
        build_catalogue(texts, json.dumps(table))
    table["otherwise"]["candidates"] = [{"instrument": "ROM", "stand_in": True}]
    with pytest.raises(InstrumentDataError, match="answered by the patient"):
        build_catalogue(texts, json.dumps(table))


@pytest.mark.parametrize(
    ("code", "imported", "instrument", "stand_in"),
    [
        ("F41.1", {"GAD-7"}, "GAD-7", False),
        ("F41.1", {"promis-anxiety-4a-v1.0"}, "promis-anxiety-4a-v1.0", False),
        ("F41.1", {"promis-anxiety-4a-v1.0", "GAD-7"}, "GAD-7", False),
        ("F41.1", {"PHQ-9"}, "PEG", True),
        ("F33.1", {"PHQ-9"}, "PHQ-9", False),
        ("G47.00", {"promis-sleep-disturbance-8b-v1.0"}, "promis-sleep-disturbance-8b-v1.0", False),
        ("R53.0", {"promis-fatigue-7a-v1.0"}, "promis-fatigue-7a-v1.0", False),
        ("G56.01", {"BCTQ"}, "BCTQ", False),
        ("G56.21", {"BCTQ"}, "PEG", True),
        ("M79.7", {"FIQR"}, "FIQR", False),
        ("M17.11", set(), "NPRS", True),
        ("M54.50", {"RMDQ", "ODI"}, "NPRS", False),
    ],
)
def test_what_a_practice_can_ask_decides_among_the_candidates(
    code: str, imported: set[str], instrument: str, stand_in: bool
) -> None:
    choice = shipped().primary.choose([code], lambda known: known.wording_shipped or known.id in imported)
    assert (choice.instrument, choice.stand_in) == (instrument, stand_in)


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
