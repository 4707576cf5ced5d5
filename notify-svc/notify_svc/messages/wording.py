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
from notify_svc.messages.message import ABOUT_A_VISIT, Channel, Message

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
    # Some kinds have fewer words for a sender with a long name and a service with a long address.
    texts = [fold(template[form].format(**values)) for form in ("sms", "short_sms") if form in template]
    fitting = next((text for text in texts if septets(text) <= SEGMENT), None)
    if fitting is None:
        raise TextTooLong(f"{message.kind} in {language} takes {septets(texts[-1])} characters")
    return "", fitting


def opt_out_confirmation(language: str, sender: str) -> str:
    """The one text that may follow an opt-out."""
    return fold(_locale(language)["opt_out_confirmation"].format(sender=sender))


def help_answer(language: str, sender: str) -> str:
    """What HELP is answered with."""
    return fold(_locale(language)["help_answer"].format(sender=sender))


def _values(message: Message, locale: Mapping[str, Any]) -> dict[str, str]:
    if message.kind in ABOUT_A_VISIT:
        return _visit_values(message.content, locale)
    if message.kind == "route":
        return _route_values(message.content, locale)
    if message.kind == "dispatch_warning":
        return _warning_values(message.content, locale)
    if message.kind == "pay_statement":
        year, month = message.content["month"].split("-")
        return {"month": f"{locale['long_months'][int(month) - 1]} {year}"}
    return {}


def _visit_values(content: Mapping[str, Any], locale: Mapping[str, Any]) -> dict[str, str]:
    """`when` is what was promised, a moment or a window; `expected` also says about when in that window."""
    start = datetime.fromisoformat(content["local_start"])
    values = {"day": _day(start.date(), locale), "time": _time(start, locale)}
    exact = locale["when"]["exact"].format(**values)
    if "local_from" not in content:
        return {**values, "when": exact, "expected": exact}
    values["begin"], values["end"] = (
        _time(datetime.fromisoformat(content[name]), locale) for name in ("local_from", "local_until")
    )
    when, expected = (locale["when"][form].format(**values) for form in ("window", "about"))
    return {**values, "when": when, "expected": expected}


def _warning_values(content: Mapping[str, Any], locale: Mapping[str, Any]) -> dict[str, str]:
    if content.get("wording") == "given_up":
        return _given_up_values(content, locale)
    words, promised = locale["warning"], datetime.fromisoformat(content["local_promised_until"])
    minutes = content["late_minutes"]
    form = "lost" if content["lost"] else "late" if minutes > 0 else "spare"
    proposals = [_proposal(proposal, locale) for proposal in content["proposals"]]
    return {
        "day": _day(promised.date(), locale),
        "time": _time(promised, locale),
        "state": words[form].format(minutes=abs(minutes)),
        "cause": words["causes"][_plain(content["cause"])],
        "who": content["therapist"] or words["somebody"],
        "proposals": "\n".join(f"- {proposal}" for proposal in proposals) or words["no_proposal"],
    }


def _given_up_values(content: Mapping[str, Any], locale: Mapping[str, Any]) -> dict[str, str]:
    words, start = locale["warning"], datetime.fromisoformat(content["local_start"])
    return {
        "day": _day(start.date(), locale),
        "time": _time(start, locale),
        "why": words["given_up"][content["why"]],
        "who": content["therapist"] or words["somebody"],
    }


def _proposal(proposal: Mapping[str, Any], locale: Mapping[str, Any]) -> str:
    words, at = locale["warning"], proposal["local_start"]
    said = str(words["proposals"][_plain(proposal["kind"])])
    if at is not None:
        said += words["at"].format(time=_time(datetime.fromisoformat(at), locale))
    if proposal["added_drive_minutes"] is not None:
        said += words["driving"].format(minutes=proposal["added_drive_minutes"])
    return said


def _plain(code: str) -> str:
    """The key of a code: no text, nor any key of one, says what the practice does."""
    return code.removeprefix("therapist_").removesuffix("_therapist")


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
    if stop.get("local_promised"):
        earliest, latest = (_time(datetime.fromisoformat(at), locale) for at in stop["local_promised"])
        line += ", " + locale["route"]["promised"].format(begin=earliest, end=latest)
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
