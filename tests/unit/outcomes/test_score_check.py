"""`fascia score check`: anyone can hold published answers and scores against what ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fascia.cli import main

VECTORS = Path(__file__).parent / "data" / "score_vectors.json"


@pytest.fixture
def vectors() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(VECTORS.read_text())
    return data


def checked(tmp_path: Path, data: object) -> int:
    path = tmp_path / "vectors.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return main(["score", "check", str(path)])


def labelled(data: dict[str, Any], instrument: str, label: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        row for row in data["vectors"] if (row["instrument"], row["label"]) == (instrument, label)
    )
    return found


def test_all_published_vectors_are_exact(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "check", str(VECTORS)]) == 0
    assert capsys.readouterr().out == "76 vectors: 76 exact, 0 differ\n"


def test_each_difference_is_printed_with_both_values(
    tmp_path: Path, vectors: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    labelled(vectors, "phq_9", "random_3")["expected"]["PHQ9_SCORE"] = 13
    labelled(vectors, "gad_7", "random_5")["expected"]["GAD7_INTERPRETATION"] = "Severe anxiety"
    labelled(vectors, "quickdash", "random_0")["expected"] |= {"QUICKDASH_SCORE": 38.65, "WORK_MODULE": 12.51}
    labelled(vectors, "oswestry", "mid_missing_first_2")["expected"]["OSWESTRY"] = 60
    labelled(vectors, "ndi", "random_2")["expected"]["NDI"] = None
    assert checked(tmp_path, vectors) == 1
    lines = [line.partition(".json: ")[2] for line in capsys.readouterr().out.splitlines()[:-1]]
    assert lines == [
        "phq_9 “random_3” PHQ9_SCORE: expected 13, here 12",
        "gad_7 “random_5” GAD7_INTERPRETATION: expected Severe anxiety, here mild",
        "oswestry “mid_missing_first_2” OSWESTRY: expected 60, here refused: too_few_answers",
        "ndi “random_2” NDI: expected no score, here 52",
        "quickdash “random_0” QUICKDASH_SCORE: expected 38.65, here 38.64",
        "quickdash “random_0” WORK_MODULE: expected 12.51, here 12.5",
    ]


def test_the_summary_counts_vectors_and_not_lines(
    tmp_path: Path, vectors: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    labelled(vectors, "quickdash", "random_0")["expected"] |= {"QUICKDASH_SCORE": 1, "WORK_MODULE": 1}
    assert checked(tmp_path, vectors) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "76 vectors: 75 exact, 1 differ"


def test_answers_that_no_longer_score_are_named(
    tmp_path: Path, vectors: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    labelled(vectors, "isi", "all_max")["answers"] |= {"ISI_Q01": 5, "ISI_Q08": 1, "ISI_Q02": True}
    assert checked(tmp_path, vectors) == 1
    assert "refused: out_of_range isi_1, not_a_number isi_2, unknown_item ISI_Q08" in capsys.readouterr().out


def test_more_decimals_are_compared_as_closely_as_they_are_given(tmp_path: Path) -> None:
    row = {"instrument": "PEG", "answers": {"pain": 7, "enjoyment": 8, "activity": 8}}
    assert checked(tmp_path, {"vectors": [{**row, "expected": {"value": 7.6667}}]}) == 0
    assert checked(tmp_path, {"vectors": [{**row, "expected": {"value": 7.6666}}]}) == 1
    assert checked(tmp_path, {"vectors": [{**row, "expected": {"value": 7.7}}]}) == 1


def test_our_own_names_and_loinc_codes_are_understood(tmp_path: Path) -> None:
    answers = {"61923-9": 2, "EDANX40": 3, "61942-9": 1, "EDANX53": 4}
    expected = {"value": 59.5, "standard_error": 2.6, "band": "mild"}
    row = {"instrument": "promis-anxiety-4a-v1.0", "answers": answers, "expected": expected}
    assert checked(tmp_path, {"vectors": [row]}) == 0


def test_what_does_not_ship_and_scores_that_are_not_known_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"instrument": "WHO-5", "label": "a", "answers": {"q1": 1}, "expected": {"value": None}},
        {"instrument": "NPRS", "label": "b", "answers": {"pain": 1}, "expected": {"percentile": 3}},
    ]
    assert checked(tmp_path, {"vectors": rows}) == 1
    out = capsys.readouterr().out
    assert "WHO-5 “a” instrument: expected WHO-5, here no such instrument ships" in out
    assert "NPRS “b” percentile: expected 3, here no such score is known" in out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pain: 3", "not JSON"),
        ("[1, 2]", "no list of `vectors`"),
        ('{"vectors": []}', "no list of `vectors`"),
        ('{"vectors": [3]}', "vectors[0]: not an object"),
        ('{"vectors": [{"instrument": "NPRS", "expected": {"value": 1}}]}', "vectors[0]: `answers` is missing"),
        ('{"vectors": [{"instrument": "NPRS", "answers": {}, "expected": {}}]}', "vectors[0]: nothing is expected"),
        (
            '{"vectors": [{"instrument": "NPRS", "answers": {}, "expected": {"value": [1]}}]}',
            "vectors[0]: value must be a number, a text or null",
        ),
        (
            '{"vectors": [{"instrument": "NPRS", "answers": {}, "expected": {"value": NaN}}]}',
            "vectors[0]: value must be a number, a text or null",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    assert checked(tmp_path, text) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert says in said.err
    assert said.err.count("\n") == 1


def test_a_file_that_is_not_there_is_named_and_nothing_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "check", str(VECTORS), "nowhere.json"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "fascia score check: nowhere.json: No such file or directory\n")
