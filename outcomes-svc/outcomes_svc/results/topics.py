"""What an instrument is about, in words that name no condition: others may look over a patient's shoulder. Pure."""

from __future__ import annotations

from enum import StrEnum

from outcomes_svc.instruments.instrument import Instrument


class Topic(StrEnum):
    """A part of life that is asked about."""

    PAIN = "pain"
    PAIN_IN_LIFE = "pain_in_life"
    ACTIVITIES = "activities"
    FEELING = "feeling"
    SLEEP = "sleep"
    ENERGY = "energy"
    MOVEMENT = "movement"
    HEALTH = "health"
    OTHER = "other"


_BY_FAMILY = {
    "numeric-pain": Topic.PAIN,
    "peg": Topic.PAIN_IN_LIFE,
    "psfs": Topic.ACTIVITIES,
    "back-and-neck": Topic.ACTIVITIES,
    "arm-and-leg": Topic.ACTIVITIES,
    "hit-6": Topic.ACTIVITIES,
    "mood": Topic.FEELING,
    "isi": Topic.SLEEP,
    "rom": Topic.MOVEMENT,
    "fiqr": Topic.HEALTH,
}
_BY_PROMIS_DOMAIN = {
    "ability-social-roles": Topic.ACTIVITIES,
    "physical-function": Topic.ACTIVITIES,
    "pain-interference": Topic.PAIN_IN_LIFE,
    "anxiety": Topic.FEELING,
    "depression": Topic.FEELING,
    "fatigue": Topic.ENERGY,
    "sleep-disturbance": Topic.SLEEP,
    "global": Topic.HEALTH,
}


def topic_of(instrument: Instrument) -> Topic:
    """The topic of an instrument; OTHER for one that the tables do not know."""
    if instrument.family == "promis":
        domain = instrument.id.removeprefix("promis-")
        return next((topic for start, topic in _BY_PROMIS_DOMAIN.items() if domain.startswith(start)), Topic.OTHER)
    return _BY_FAMILY.get(instrument.family, Topic.OTHER)
