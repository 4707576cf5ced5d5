"""A patient's scores in plain words, English or Spanish. Pure.

Short sentences, no name of an instrument or a condition, no promise, and no cause: a score does not say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outcomes_svc.instruments.instrument import Better, Instrument, Rule
from outcomes_svc.results.score_range import score_range
from outcomes_svc.results.topics import Topic
from outcomes_svc.scoring.change import Judgement

LANGUAGES = ("en", "es")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One score as a patient is told of it. `day` is the day where they live; `judgement` compares with the first."""

    day: date
    value: float
    judgement: Judgement | None


@dataclass(frozen=True, kw_only=True)
class CourseWords:
    """The words on the chart of a patient's scores, in the reader's language."""

    title: str
    subtitle: str
    better: str
    important: str
    axis: str


def language_of(tag: str | None) -> str:
    """A language that there are words in, from a tag such as es-MX; English otherwise."""
    start = (tag or "").split("-")[0].lower()
    return start if start in LANGUAGES else "en"


def plain_words(scores: Sequence[Reading], instrument: Instrument, language: str = "en") -> tuple[str, ...]:
    """Sentences about the scores of one instrument, which are in order of time."""
    words = _WORDS[language_of(language)]
    if not scores:
        return (words["none"],)
    first, last = scores[0], scores[-1]
    better = words["lower" if instrument.better is Better.LOWER else "higher"]
    if len(scores) == 1:
        said = words["once"].format(day=day_words(first.day, language), value=number(first.value))
        return (said, _scale(words, instrument, better), words["start"])
    said = words["course"].format(
        first=number(first.value),
        first_day=day_words(first.day, language),
        last=number(last.value),
        last_day=day_words(last.day, language),
    )
    return (said, _scale(words, instrument, better), *_judged(words, first, last, instrument), words["picture"])


def chart_words(heading: str, scores: Sequence[Reading], language: str, *, lower: bool) -> CourseWords:
    """What stands on the chart of at least one score."""
    words = _WORDS[language_of(language)]
    first, last = (day_words(scores[place].day, language) for place in (0, -1))
    one, many = words["answers"].split("|")
    count = one if len(scores) == 1 else many.format(count=len(scores), first=first, last=last)
    return CourseWords(
        title=heading,
        subtitle=count.format(first=first),
        better=words["lower" if lower else "higher"].rstrip("."),
        important=words["zone"],
        axis=words["axis"],
    )


def topic_words(topic: Topic, language: str = "en") -> str:
    """The heading of a topic."""
    return _TOPICS[language_of(language)][topic]


def day_words(day: date, language: str = "en") -> str:
    """A day as it is said: 4 January 2027, 4 de enero de 2027."""
    month = _MONTHS[language_of(language)][day.month - 1]
    joined = " de " if language_of(language) == "es" else " "
    return joined.join((str(day.day), month, str(day.year)))


def short_day(day: date, language: str = "en") -> str:
    """A day on an axis: 4 Jan, 4 ene."""
    return f"{day.day} {_MONTHS[language_of(language)][day.month - 1][:3]}"


def number(value: float) -> str:
    """A score without needless decimals; one is enough for a person."""
    return f"{round(value, 1):g}"


def _scale(words: dict[str, str], instrument: Instrument, better: str) -> str:
    if not instrument.patient_rated:
        return words["measured"].format(better=better)
    if instrument.rule is Rule.T_SCORE:
        return words["average"].format(better=better)
    low, high = score_range(instrument)
    return words["scale"].format(low=number(low), high=number(high), better=better)


def _judged(words: dict[str, str], first: Reading, last: Reading, instrument: Instrument) -> tuple[str, ...]:
    if last.judgement is Judgement.IMPROVED:
        return (words["improved"],)
    if last.judgement is Judgement.WORSE:
        return (words["worse"],)
    if last.judgement is not Judgement.UNCHANGED:
        return ()
    change = instrument.better.sign * (last.value - first.value)
    return (words["same" if change == 0 else "little_better" if change > 0 else "little_worse"],)


_WORDS = {
    "en": {
        "answers": "One answer, on {first}|{count} answers, from {first} to {last}",
        "zone": "clear improvement",
        "axis": "Score",
        "none": "There are no answers to show yet.",
        "once": "You answered on {day}. Your score was {value}.",
        "start": "This is where you start from. After your next answers you will see here how it goes on.",
        "course": "You began at {first} on {first_day}. Your latest score, on {last_day}, is {last}.",
        "scale": "The scale goes from {low} to {high}. {better}",
        "average": "A score of 50 is the average of people in general. {better}",
        "measured": "It was measured by your therapist. {better}",
        "lower": "Lower is better.",
        "higher": "Higher is better.",
        "improved": "That is a clear improvement. The change is larger than the usual ups and downs.",
        "little_better": "That is a little better. The change is so small that it may be an ordinary up and down.",
        "little_worse": (
            "That is a little less good than at the start. The change is so small that it may be an ordinary up and "
            "down."
        ),
        "same": "That is the same as at the start.",
        "worse": (
            "That is less good than at the start, by more than the usual ups and downs. Please talk about it with your "
            "therapist; if you feel unwell now, call your practice or the emergency number."
        ),
        "picture": "A score is one part of the picture. How you feel counts too: tell your therapist.",
    },
    "es": {
        "answers": "Una respuesta, del {first}|{count} respuestas, del {first} al {last}",
        "zone": "mejora clara",
        "axis": "Puntuación",
        "none": "Todavía no hay respuestas para mostrar.",
        "once": "Usted respondió el {day}. Su puntuación fue {value}.",
        "start": "Este es su punto de partida. Después de sus próximas respuestas verá aquí cómo continúa.",
        "course": "Usted empezó con {first} el {first_day}. Su puntuación más reciente, del {last_day}, es {last}.",
        "scale": "La escala va de {low} a {high}. {better}",
        "average": "Una puntuación de 50 es el promedio de las personas en general. {better}",
        "measured": "Lo midió su terapeuta. {better}",
        "lower": "Cuanto más baja, mejor.",
        "higher": "Cuanto más alta, mejor.",
        "improved": "Es una mejora clara. El cambio es mayor que los altibajos habituales.",
        "little_better": "Está un poco mejor. El cambio es todavía tan pequeño que puede ser un altibajo habitual.",
        "little_worse": (
            "Está un poco menos bien que al principio. El cambio es tan pequeño que puede ser un altibajo habitual."
        ),
        "same": "Está igual que al principio.",
        "worse": (
            "Está menos bien que al principio, más de lo que explican los altibajos habituales. Hable de ello con su "
            "terapeuta; si se siente mal ahora, llame a su consultorio o al número de emergencias."
        ),
        "picture": "La puntuación es solo una parte. También cuenta cómo se siente usted: dígaselo a su terapeuta.",
    },
}
_TOPICS = {
    "en": {
        Topic.PAIN: "Your pain",
        Topic.PAIN_IN_LIFE: "Your pain in daily life",
        Topic.ACTIVITIES: "Your everyday activities",
        Topic.FEELING: "How you feel",
        Topic.SLEEP: "Your sleep",
        Topic.ENERGY: "Your energy",
        Topic.MOVEMENT: "How far you can move",
        Topic.HEALTH: "Your health as a whole",
        Topic.OTHER: "Your score",
    },
    "es": {
        Topic.PAIN: "Su dolor",
        Topic.PAIN_IN_LIFE: "Su dolor en la vida diaria",
        Topic.ACTIVITIES: "Sus actividades diarias",
        Topic.FEELING: "Cómo se siente",
        Topic.SLEEP: "Su sueño",
        Topic.ENERGY: "Su energía",
        Topic.MOVEMENT: "Cuánto puede moverse",
        Topic.HEALTH: "Su salud en general",
        Topic.OTHER: "Su puntuación",
    },
}
_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
}  # fmt: skip
