"""What each instrument's rule makes of answers, with numbers worked out by hand from its documentation."""

from __future__ import annotations

from fractions import Fraction

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.scoring.scale import Refused, Scored, score, shown


def instrument(id_: str) -> Instrument:
    found = shipped().current(id_)
    assert found is not None
    return found


def numbered(prefix: str, *answers: int | None) -> dict[str, object]:
    """Answers of prefix_1, prefix_2 and so on."""
    return {f"{prefix}_{place}": answer for place, answer in enumerate(answers, 1)}


def scored(id_: str, answers: dict[str, object]) -> Scored:
    result = score(instrument(id_), answers)
    assert isinstance(result, Scored), result
    return result


def refusal(id_: str, answers: dict[str, object]) -> list[tuple[str, str | None]]:
    result = score(instrument(id_), answers)
    assert isinstance(result, Refused), result
    return [(fault.code.value, fault.item) for fault in result.faults]


@pytest.mark.parametrize(
    ("id_", "answers", "value", "band"),
    [
        ("PHQ-9", numbered("phq9", *[1] * 9), 9, "mild"),
        ("PHQ-9", numbered("phq9", 3, 3, 3, 3, 3, 0, 0, 0, 0), 15, "moderately severe"),
        ("PHQ-9", numbered("phq9", *[0] * 9), 0, "minimal"),
        ("GAD-7", numbered("gad7", 3, 3, 3, 3, 3, 0, 0), 15, "severe"),
        ("GAD-7", numbered("gad7", 1, 1, 1, 1, 0, 0, 0), 4, "minimal"),
        ("ISI", numbered("isi", 4, 4, 0, 0, 0, 0, 0), 8, "subthreshold"),
        ("ISI", numbered("isi", *[4] * 7), 28, "severe"),
        ("HIT-6", numbered("hit6", *[1] * 6), 36, "little or none"),
        ("HIT-6", numbered("hit6", 1, 2, 3, 4, 5, 3), 6 + 8 + 10 + 11 + 13 + 10, "substantial"),
        ("HIT-6", numbered("hit6", *[5] * 6), 78, "severe"),
        ("LEFS", numbered("lefs", *[4] * 20), 80, None),
        ("LEFS", numbered("lefs", *[2, 3] * 10), 50, None),
        ("VAS", {"pain": 37}, 37, None),
        ("RMDQ", numbered("rmdq", 1, None, 1, None, 1), 3, None),
        ("RMDQ", numbered("rmdq", *[1] * 24), 24, None),
        ("RMDQ", {"rmdq_7": 0}, 0, None),
    ],
)
def test_sums(id_: str, answers: dict[str, object], value: float, band: str | None) -> None:
    result = scored(id_, answers)
    assert (shown(result.value), result.band) == (value, band)


@pytest.mark.parametrize("id_", ["NDI", "ODI"])
def test_a_percentage_of_the_sections_that_were_answered(id_: str) -> None:
    prefix = id_.lower()
    assert scored(id_, numbered(prefix, 1, 2, 3, 4, 5, 0, 0, 0, 0, 1)).value == 32
    # 16 of 45 points, the example of the scoring guide: 35.5 %, cut off there.
    nine = scored(id_, numbered(prefix, 1, 2, 3, 4, 5, 0, 0, 0, 1))
    assert shown(nine.value) == 35.56
    assert refusal(id_, numbered(prefix, *[3] * 8)) == [("too_few_answers", None)]
    assert refusal(id_, {}) == [("no_answers", None)]


def test_a_refusal_for_too_few_answers_says_how_many_and_which() -> None:
    result = score(instrument("NDI"), numbered("ndi", *[3] * 8))
    assert isinstance(result, Refused)
    assert result.faults[0].message == "Only 8 of 10 questions are answered; at least 9 are needed."
    assert result.faults[0].fix == "Answer more of these items: ndi_9, ndi_10."


def test_quickdash_and_its_modules() -> None:
    main = numbered("quickdash", 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 3)
    assert scored("QuickDASH", main).value == 50
    assert scored("QuickDASH", main).parts == {}
    both = scored("QuickDASH", main | numbered("work", 1, 1, 1, 2) | numbered("sport", 5, 5, 5, 5))
    assert {code: shown(value) for code, value in both.parts.items()} == {"work": 6.25, "sport": 100}
    assert both.value == 50
    one_missing = {**main, "quickdash_5": None}
    assert shown(scored("QuickDASH", one_missing).value) == 45
    assert refusal("QuickDASH", {**one_missing, "quickdash_4": None}) == [("too_few_answers", None)]


def test_a_module_that_was_begun_must_be_finished() -> None:
    answers = numbered("quickdash", *[2] * 11) | numbered("work", 1, 2, 3)
    assert refusal("QuickDASH", answers) == [("missing_item", "work_4")]
    assert refusal("QuickDASH", numbered("work", 1, 2, 3, 4)) == [("no_answers", None)]


def test_carpal_tunnel_has_a_mean_for_each_of_its_scales() -> None:
    result = scored("BCTQ", numbered("sss", *[2] * 10, 5) | numbered("fss", 1, 1, 1, 1, 3, 3, 3, 3))
    assert shown(result.value) == 2.27
    assert result.parts == {"fss": 2}
    assert refusal("BCTQ", numbered("sss", *[2] * 11)) == [("missing_item", f"fss_{place}") for place in range(1, 9)]


def test_fibromyalgia_weighs_three_domains() -> None:
    full = numbered("function", *[6] * 9) | numbered("overall", 7, 8) | numbered("symptoms", *[4] * 10)
    result = scored("FIQR", full)
    assert result.value == 54 / 3 + 15 + 40 / 2
    assert result.parts == {"function": 18, "overall": 15, "symptoms": 20}
    assert scored("FIQR", dict.fromkeys(full, 10)).value == 100


def test_fibromyalgia_makes_up_for_missing_items_in_their_own_domain() -> None:
    answers = numbered("function", 9, 0, 0, 0, 0) | numbered("overall", 7, None) | numbered("symptoms", *[4] * 5)
    result = scored("FIQR", answers)
    assert {code: shown(value) for code, value in result.parts.items()} == {
        "function": 5.4,
        "overall": 14,
        "symptoms": 20,
    }
    assert shown(result.value) == 39.4


@pytest.mark.parametrize(
    ("missing", "refused"),
    [
        ({"function": 4, "overall": 1, "symptoms": 5}, False),
        ({"function": 5, "overall": 0, "symptoms": 0}, True),
        ({"function": 0, "overall": 2, "symptoms": 0}, True),
        ({"function": 0, "overall": 0, "symptoms": 6}, True),
    ],
)
def test_fibromyalgia_needs_half_of_each_domain(missing: dict[str, int], refused: bool) -> None:
    sizes = {"function": 9, "overall": 2, "symptoms": 10}
    answers: dict[str, object] = {}
    for domain, size in sizes.items():
        answers |= numbered(domain, *[5] * (size - missing[domain]))
    if refused:
        assert refusal("FIQR", answers) == [("too_few_answers", None)]
    else:
        assert scored("FIQR", answers).value == 50


def test_a_list_that_nobody_touched_is_not_a_list_without_complaints() -> None:
    assert refusal("RMDQ", {}) == [("no_answers", None)]
    assert refusal("RMDQ", {"rmdq_1": None}) == [("no_answers", None)]
    assert refusal("RMDQ", {"rmdq_1": 2}) == [("out_of_range", "rmdq_1")]


def test_a_t_score_comes_with_its_standard_error() -> None:
    answers: dict[str, object] = {"EDANX01": 2, "EDANX40": 3, "EDANX41": 1, "EDANX53": 4}
    result = scored("promis-anxiety-4a-v1.0", answers)
    assert (shown(result.value), float(result.standard_error or 0), result.band) == (59.5, 2.6, "mild")
    assert refusal("promis-anxiety-4a-v1.0", {**answers, "EDANX40": None}) == [("missing_item", "EDANX40")]


def test_the_global_pain_rating_is_recoded() -> None:
    """Best of all: 5, 5, no pain (counts 5) and 5 make 20; a rating of 10 counts 1."""
    best: dict[str, object] = {"Global03": 5, "Global06": 5, "Global07r": 0, "Global08r": 5}
    assert shown(scored("promis-global-physical-health-v1.x", best).value) == 67.7
    worst: dict[str, object] = {"Global03": 1, "Global06": 1, "Global07r": 10, "Global08r": 1}
    assert shown(scored("promis-global-physical-health-v1.x", worst).value) == 16.2
    assert refusal("promis-global-physical-health-v1.x", {**best, "Global07r": 11}) == [("out_of_range", "Global07r")]


def test_range_of_motion_takes_what_was_measured_and_knows_deficits() -> None:
    result = scored("ROM", {"knee_extension_left": -10, "knee_flexion_left": 125.5})
    assert result.value == 57.75
    assert (result.standard_error, result.band) == (None, None)


@pytest.mark.parametrize(
    ("id_", "error"), [("PHQ-9", 2.5), ("GAD-7", 2.16), ("LEFS", 3.22), ("QuickDASH", 5.52), ("NPRS", None)]
)
def test_a_standard_error_where_a_source_gives_one(id_: str, error: float | None) -> None:
    known = instrument(id_)
    result = scored(id_, {item.code: item.lowest for item in known.main_items})
    assert (None if result.standard_error is None else float(result.standard_error)) == error


def test_bands_hold_at_their_edges() -> None:
    pain = instrument("promis-pain-interference-4a-v1.0")
    assert [pain.band_of(Fraction(text)) for text in ("55", "55.1", "59.9", "60", "70", "70.1")] == [
        "within normal limits",
        "mild",
        "mild",
        "moderate",
        "moderate",
        "severe",
    ]
    function = instrument("promis-physical-function-4a-v2.0")
    assert [function.band_of(Fraction(text)) for text in ("29.9", "30", "40", "40.1", "44.9", "45")] == [
        "severe",
        "moderate",
        "moderate",
        "mild",
        "mild",
        "within normal limits",
    ]
    assert instrument("NDI").band_of(Fraction(68)) == "severe"
    assert instrument("NPRS").band_of(Fraction(7)) is None
