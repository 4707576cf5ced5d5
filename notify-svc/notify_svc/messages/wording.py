"""The words of a message: templates are data (texts/*.json), chosen by the recipient's language.

No text names a condition, a service or a body part: a phone lies on tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from notify_svc.messages.gsm7 import SEGMENT, fold, septets
from notify_svc.messages.message import Channel, Message

LANGUAGES = ("en", "es")


class TextTooLong(ValueError):
    """A text does not fit into one segment; a defect of a template."""


def language_of(tag: str) -> str:
    """The language of the templates for a BCP 47 tag such as es-MX; English where there is none."""
    primary = tag.lower().replace("_", "-").split("-")[0]
    return primary if primary in LANGUAGES else "en"


def word(message: Message, channel: Channel, language: str, sender: str, **more: str) -> tuple[str, str]:
    """Subject (empty for a text message) and text. `more` holds values that are not in the message, such as a link.

    Raises TextTooLong.
    """
    locale = _locale(language)
    values = {"sender": sender, **_values(message, locale), **more}
    # A kind may be worded in more than one way: a questionnaire before the first visit, an alert that waited.
    template = locale["messages"][message.content.get("wording", message.kind)]
    if channel == "email":
        return template["subject"].format(**values), template["email"].format(**values)
    text = fold(template["sms"].format(**values))
    if septets(text) > SEGMENT:
        raise TextTooLong(f"{message.kind} in {language} takes {septets(text)} characters")
    return "", text


def opt_out_confirmation(language: str, sender: str) -> str:
    """The one text that may follow an opt-out."""
    return fold(_locale(language)["opt_out_confirmation"].format(sender=sender))


def help_answer(language: str, sender: str) -> str:
    """What HELP is answered with."""
    return fold(_locale(language)["help_answer"].format(sender=sender))


def _values(message: Message, locale: Mapping[str, Any]) -> dict[str, str]:
    if message.kind == "reminder":
        start = datetime.fromisoformat(message.content["local_start"])
        return {"day": _day(start.date(), locale), "time": _time(start, locale)}
    if message.kind == "route":
        return _route_values(message.content, locale)
    if message.kind == "pay_statement":
        year, month = message.content["month"].split("-")
        return {"month": f"{locale['long_months'][int(month) - 1]} {year}"}
    return {}


def _route_values(content: Mapping[str, Any], locale: Mapping[str, Any]) -> dict[str, str]:
    stops = content["stops"]
    lines = [_stop_line(number, stop, locale) for number, stop in enumerate(stops, start=1)]
    words = locale["route"]
    first = _time(datetime.fromisoformat(stops[0]["local_start"]), locale) if stops else ""
    return {
        "name": content["name"],
        "day": _day(date.fromisoformat(content["date"]), locale),
        "change": words["changed"] if content["revision"] > 1 else "",
        "count": (words["one"] if len(stops) == 1 else words["many"]).format(count=len(stops)),
        "first": words["first"].format(time=first) if stops else "",
        "stops": "\n".join(lines) or words["none"],
    }


def _stop_line(number: int, stop: Mapping[str, Any], locale: Mapping[str, Any]) -> str:
    start, end = (datetime.fromisoformat(stop[name]) for name in ("local_start", "local_end"))
    line = f"{number}. {_time(start, locale)} - {_time(end, locale)}  {stop['patient_name']}"
    if stop["drive_minutes"]:
        line += " (" + locale["route"]["drive"].format(minutes=stop["drive_minutes"]) + ")"
    return f"{line}\n   {stop['address']}" if stop["address"] else line


def _day(day: date, locale: Mapping[str, Any]) -> str:
    weekday, month = locale["weekdays"][day.weekday()], locale["months"][day.month - 1]
    return str(locale["day"].format(weekday=weekday, month=month, day=day.day))


def _time(at: datetime, locale: Mapping[str, Any]) -> str:
    if locale["clock_hours"] == 24:
        return f"{at.hour}:{at.minute:02}"
    return f"{at.hour % 12 or 12}:{at.minute:02} {'AM' if at.hour < 12 else 'PM'}"


@cache
def _locale(language: str) -> Mapping[str, Any]:
    text = files("notify_svc.messages").joinpath(f"texts/{language}.json").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded
