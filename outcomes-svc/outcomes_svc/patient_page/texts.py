"""The page's own texts, in the languages that it speaks. The wording of questions comes from elsewhere. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from fascia.localtime import zone_of

DEFAULT = "en"


@dataclass(frozen=True)
class Texts:
    """The texts in one language, by name."""

    tag: str
    name: str
    texts: Mapping[str, Any]

    def __getitem__(self, name: str) -> str:
        return str(self.texts[name])

    def say(self, name: str, **values: object) -> str:
        """A text with its gaps filled."""
        return self[name].format(**values)

    def fault(self, name: str, lowest: int | None = None, highest: int | None = None) -> str:
        """What to say of an answer that cannot be taken, by the reason's name; without a range in general words."""
        faults: Mapping[str, str] = self.texts["faults"]
        said = faults.get(name, faults["other"])
        if lowest is None:
            return faults["other"] if "{" in said else said
        return said.format(lowest=lowest, highest=highest)

    def think_of(self, recall: str) -> str:
        """What period the questions are about, for an instrument's recall; empty where there are no words for it."""
        periods: Mapping[str, str] = self.texts["periods"]
        return self.say("think_of", period=periods[recall]) if recall in periods else ""

    def date(self, at: datetime, zone: str) -> str:
        """The calendar day of a moment where the reader is, written out."""
        local = at.astimezone(zone_of(zone))
        return self.say("date", month=self.texts["months"][local.month - 1], day=local.day, year=local.year)

    def time(self, at: datetime, zone: str) -> str:
        """The time of day of a moment where the reader is, with the name of the zone."""
        local = at.astimezone(zone_of(zone))
        clock = f"{local:%I:%M %p}".lstrip("0") if self.texts["twelve_hours"] else f"{local:%H:%M}"
        return f"{clock} {local:%Z}"


@cache
def spoken() -> Mapping[str, Texts]:
    """Every language of the page, by its tag."""
    folder = resources.files("outcomes_svc.patient_page").joinpath("texts")
    read = [json.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]
    return {texts["tag"]: Texts(texts["tag"], texts["name"], texts) for texts in read}


def texts_for(wishes: Sequence[str]) -> Texts:
    """The texts in the first language of `wishes` (BCP 47 tags) that the page speaks; else in English."""
    known = spoken()
    return next((known[tag] for wish in wishes if (tag := wish.split("-")[0].lower()) in known), known[DEFAULT])
