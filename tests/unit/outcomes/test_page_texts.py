"""The page's own texts: complete in each language, and dates where the reader is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.patient_page.guidance import SHIPPED, needs_guidance
from outcomes_svc.patient_page.texts import spoken, texts_for
from outcomes_svc.scoring.scale import FaultCode


def gaps(text: Any) -> set[str]:
    return set(re.findall(r"{(\w+)}", str(text)))


@pytest.mark.parametrize("tag", sorted(spoken()))
def test_every_text_exists_in_every_language_with_the_same_gaps(tag: str) -> None:
    english, other = spoken()["en"].texts, spoken()[tag].texts
    assert other.keys() == english.keys()
    for name, text in english.items():
        if isinstance(text, dict):
            assert other[name].keys() == text.keys(), name
            assert all(gaps(other[name][key]) == gaps(text[key]) for key in text), name
        else:
            assert gaps(other[name]) == gaps(text), name
    assert len(other["months"]) == 12
    assert tag in SHIPPED


@pytest.mark.parametrize("tag", sorted(spoken()))
def test_there_are_words_for_the_period_of_everything_that_patients_are_asked(tag: str) -> None:
    asked = [instrument for instrument in shipped().all() if instrument.patient_rated]
    assert [instrument.id for instrument in asked if not spoken()[tag].think_of(instrument.recall)] == []


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_reason_is_said_in_words_without_open_gaps(code: FaultCode) -> None:
    for texts in spoken().values():
        for said in (texts.fault(code.value), texts.fault(code.value, 0, 10)):
            assert said
            assert "{" not in said


@pytest.mark.parametrize(
    ("wishes", "tag"), [((), "en"), (("de",), "en"), (("de", "es-MX", "en"), "es"), (("EN-us", "es"), "en")]
)
def test_the_first_wish_that_can_be_met_counts(wishes: tuple[str, ...], tag: str) -> None:
    assert texts_for(wishes).tag == tag


@pytest.mark.parametrize(
    ("at", "zone", "english", "spanish"),
    [
        ((2027, 1, 11, 5, 5), "America/New_York", "January 11, 2027 12:05 AM EST", "11 de enero de 2027 00:05 EST"),
        ((2027, 7, 1, 3, 0), "America/New_York", "June 30, 2027 11:00 PM EDT", "30 de junio de 2027 23:00 EDT"),
        ((2027, 12, 31, 12, 0), "UTC", "December 31, 2027 12:00 PM UTC", "31 de diciembre de 2027 12:00 UTC"),
    ],
)
def test_dates_are_written_out_where_the_reader_is(at: tuple[int, ...], zone: str, english: str, spanish: str) -> None:
    moment = datetime(at[0], at[1], at[2], at[3], at[4], tzinfo=UTC)
    for tag, written in (("en", english), ("es", spanish)):
        texts = spoken()[tag]
        assert f"{texts.date(moment, zone)} {texts.time(moment, zone)}" == written


def test_only_an_answer_above_the_border_calls_for_guidance() -> None:
    phq9 = shipped().current("PHQ-9")
    assert phq9 is not None
    assert needs_guidance(phq9, {"phq9_9": 1})
    assert not needs_guidance(phq9, {"phq9_9": 0, "phq9_1": 3})
    assert not needs_guidance(phq9, {})
