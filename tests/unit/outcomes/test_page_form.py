"""What a browser sends becomes answers: nothing is made up, and nothing that cannot be read is lost."""

from __future__ import annotations

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.patient_page.form import read_form
from outcomes_svc.patient_page.question import Kind, Sheet, sheet
from outcomes_svc.patient_page.texts import spoken


def shown(id_: str) -> Sheet:
    instrument = shipped().current(id_)
    assert instrument is not None
    return sheet(instrument, [item.code for item in instrument.items], None, spoken()["en"])


def test_numbers_are_read_and_what_is_no_number_stays_text_for_scoring_to_refuse() -> None:
    form = {"a": ["7"], "b": [" 3.5 "], "c": [""], "d": ["٣"], "e": ["1", "2"], "f": ["9" * 5000], "g": ["-1"]}
    given = read_form({**form, "_wording": ["own"]}, shown("PEG"))
    assert given.answers == {
        "a": 7,
        "b": 3.5,
        "c": None,
        "d": "٣",
        "e": "1 2",
        "f": "9" * 5000,
        "g": -1,
    }
    assert given.faults == {}


def test_a_slider_counts_only_with_its_box() -> None:
    line = shown("VAS")
    assert [question.kind for question in line.questions] == [Kind.SLIDER]
    untouched = read_form({"pain": ["50"]}, line)
    assert (untouched.answers, untouched.faults) == ({"pain": None}, {"pain": "slider_not_set"})
    assert untouched.shown["pain"] == 50
    assert read_form({"pain": ["50"], "pain.set": ["1"]}, line).answers == {"pain": 50}


def test_the_shipped_wording_is_shown_as_it_is() -> None:
    page = shown("PSFS")
    assert (page.wording, page.language, page.period) == ("own", "en", "")
    assert [question.kind for question in page.questions] == [Kind.SCALE] * 5
    assert page.questions[0].lowest_label
