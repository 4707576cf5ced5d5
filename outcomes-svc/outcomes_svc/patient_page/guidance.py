"""What a person reads after an answer that a human should see at once: where help is. Pure.

A practice may say it in its own words; what ships is for the United States.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outcomes_svc.instruments.instrument import Instrument


class Way(StrEnum):
    """How a number is reached."""

    CALL = "call"
    TEXT = "text"


@dataclass(frozen=True)
class Contact:
    """A number that helps at any time, and the words on its button."""

    way: Way
    number: str
    label: str

    @property
    def address(self) -> str:
        """What a telephone opens."""
        return f"{'tel' if self.way is Way.CALL else 'sms'}:{self.number}"


@dataclass(frozen=True)
class Guidance:
    """A text of one or more paragraphs, and numbers."""

    text: str
    contacts: tuple[Contact, ...]

    @property
    def paragraphs(self) -> list[str]:
        """The text in its paragraphs."""
        return [part.strip() for part in self.text.split("\n") if part.strip()]


@dataclass(frozen=True, kw_only=True)
class PracticeGuidance:
    """What a practice says, by language. Languages that it leaves out keep what ships."""

    version: int
    texts: Mapping[str, Guidance]
    changed_by: str
    changed_at: datetime


SHIPPED: Mapping[str, Guidance] = {
    "en": Guidance(
        "Some of your answers make us think that life may be very hard right now. If you have thoughts of harming "
        "yourself, please talk to someone today. In the United States you can call or text 988 at any time, day or "
        "night; it is free. In an emergency call 911.\n"
        "Your practice is told about your answer, but may not see it right away.",
        (
            Contact(Way.CALL, "988", "Call 988"),
            Contact(Way.TEXT, "988", "Text 988"),
            Contact(Way.CALL, "911", "Emergency: call 911"),
        ),
    ),
    "es": Guidance(
        "Algunas de sus respuestas nos hacen pensar que quizá está pasando un momento muy difícil. Si piensa en "
        "hacerse daño, hable hoy mismo con alguien. En los Estados Unidos puede llamar o enviar un mensaje de texto al "
        "988 a cualquier hora, de día o de noche; es gratis. En una emergencia llame al 911.\n"
        "Su centro recibe un aviso de su respuesta, pero puede que no lo vea enseguida.",
        (
            Contact(Way.CALL, "988", "Llamar al 988"),
            Contact(Way.TEXT, "988", "Enviar un mensaje al 988"),
            Contact(Way.CALL, "911", "Emergencia: llamar al 911"),
        ),
    ),
}


def needs_guidance(instrument: Instrument, answers: Mapping[str, float]) -> bool:
    """Whether an answer is above the border from which a person should see it at once (PHQ-9, item 9)."""
    return any(
        item.alert_above is not None and answers.get(item.code, item.alert_above) > item.alert_above
        for item in instrument.items
    )


def guidance_in(language: str, own: PracticeGuidance | None) -> Guidance:
    """What to show in a language: the practice's words, or those that ship; English where there are none."""
    texts = {**SHIPPED, **(own.texts if own else {})}
    return texts.get(language, texts["en"])
