"""What a patient reads about their scores: plain, in their language, and without a word that names a condition."""

from __future__ import annotations

from datetime import date

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.results.plain_words import Reading, language_of, plain_words, topic_words
from outcomes_svc.results.score_range import score_range
from outcomes_svc.results.topics import Topic, topic_of
from outcomes_svc.scoring.change import Judgement

START, LATER = date(2027, 1, 4), date(2027, 4, 2)
# Stems of conditions, and of words for how bad something is: none of them may reach a page that others can see.
UNSAID = (
    "depress", "anxi", "ansied", "insomn", "fibromyalg", "carpal", "tunnel", "disab", "discapac", "headache",
    "cefalea", "sever", "moderat", "disorder", "trastorno", "disease", "enfermedad", "phq", "gad", "promis", "suicid",
)  # fmt: skip


def instrument(id_: str) -> Instrument:
    found = shipped().current(id_)
    assert found is not None
    return found


def told(first: float, last: float, judgement: Judgement | None, language: str = "en", id_: str = "NPRS") -> str:
    readings = [
        Reading(day=START, value=first, judgement=Judgement.BASELINE),
        Reading(day=LATER, value=last, judgement=judgement),
    ]
    return " ".join(plain_words(readings, instrument(id_), language))


def test_one_answer_is_where_it_starts() -> None:
    words = plain_words([Reading(day=START, value=7.67, judgement=Judgement.BASELINE)], instrument("PEG"), "en")
    assert words[0] == "You answered on 4 January 2027. Your score was 7.7."
    assert words[1] == "The scale goes from 0 to 10. Lower is better."
    assert "start from" in words[2]


def test_without_answers_it_says_so() -> None:
    assert plain_words([], instrument("PEG"), "en") == ("There are no answers to show yet.",)


@pytest.mark.parametrize(
    ("first", "last", "judgement", "english", "spanish"),
    [
        (8, 4, Judgement.IMPROVED, "a clear improvement", "una mejora clara"),
        (8, 7, Judgement.UNCHANGED, "a little better", "un poco mejor"),
        (7, 8, Judgement.UNCHANGED, "a little less good", "un poco menos bien"),
        (7, 7, Judgement.UNCHANGED, "the same as at the start", "igual que al principio"),
        (5, 9, Judgement.WORSE, "talk about it with your therapist", "Hable de ello con su terapeuta"),
    ],
)
def test_a_change_is_told_as_it_was_judged(
    first: float, last: float, judgement: Judgement, english: str, spanish: str
) -> None:
    assert english in told(first, last, judgement)
    assert spanish in told(first, last, judgement, "es-MX")


def test_what_was_not_judged_is_not_called_better_or_worse() -> None:
    words = told(7, 3, Judgement.NOT_COMPARABLE)
    assert "Lower is better." in words
    assert "That is" not in words


def test_higher_is_better_where_it_is() -> None:
    assert "Higher is better" in told(3, 5, Judgement.UNCHANGED, id_="PSFS")
    assert "a little better" in told(3, 5, Judgement.UNCHANGED, id_="PSFS")
    assert "average of people in general" in told(40, 42, Judgement.UNCHANGED, id_="promis-physical-function-4a-v2.0")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("known", shipped().all(), ids=lambda known: known.id)
def test_no_instrument_makes_the_page_name_a_condition(known: Instrument, language: str) -> None:
    low, high = score_range(known)
    texts = [topic_words(topic_of(known), language)]
    for judgement in Judgement:
        readings = [Reading(day=START, value=low, judgement=None), Reading(day=LATER, value=high, judgement=judgement)]
        texts += plain_words(readings, known, language)
        texts += plain_words(readings[:1], known, language)
    said = " ".join(texts).lower()
    assert [word for word in UNSAID if word in said] == []


def test_every_instrument_has_a_topic() -> None:
    assert [known.id for known in shipped().all() if topic_of(known) is Topic.OTHER] == []


def test_a_scale_is_told_from_end_to_end() -> None:
    ends = {id_: score_range(instrument(id_)) for id_ in ("NPRS", "ODI", "HIT-6", "PHQ-9", "BCTQ", "LEFS")}
    assert ends == {
        "NPRS": (0, 10),
        "ODI": (0, 100),
        "HIT-6": (36, 78),
        "PHQ-9": (0, 27),
        "BCTQ": (1, 5),
        "LEFS": (0, 80),
    }


def test_languages_fall_back_to_english() -> None:
    assert [language_of(tag) for tag in ("es", "es-PR", "EN-us", "fr", "", None)] == [
        "es",
        "es",
        "en",
        "en",
        "en",
        "en",
    ]
