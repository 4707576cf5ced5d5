"""Logs: fixed words and listed fields get through, everything else stays out."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from fascia.observability.logs import ALLOWED, SafeFormatter


def line(message: str = "something happened", *, error: bool = False, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord(
        "fascia.test", logging.WARNING, __file__, 1, message, (), sys.exc_info() if error else None
    )
    record.__dict__.update(extra)
    formatted: dict[str, Any] = json.loads(SafeFormatter("toy-svc").format(record))
    return formatted


def test_a_line_says_when_who_what() -> None:
    told = line()
    assert told["time"].endswith("+00:00")
    assert (told["level"], told["service"], told["logger"]) == ("warning", "toy-svc", "fascia.test")
    assert told["message"] == "something happened"


def test_listed_fields_get_through() -> None:
    assert line(event_type="message.sent", attempt=2)["attempt"] == 2


def test_other_fields_stay_out_and_only_their_names_are_told() -> None:
    told = line(phone="+16175550123", given_name="Maria", attempt=1)
    assert told["withheld"] == ["given_name", "phone"]
    assert "Maria" not in json.dumps(told)
    assert "+1617" not in json.dumps(told)


def test_no_listed_field_names_a_person() -> None:
    assert not {"patient_id", "subject", "name", "phone", "email", "path", "url", "query", "body"} & ALLOWED


def test_an_exception_is_told_by_type_and_place_with_its_causes() -> None:
    try:
        try:
            raise KeyError("Maria")
        except KeyError as inner:
            raise ValueError("Maria Secret") from inner
    except ValueError:
        told = line(error=True)
    assert told["stack"].startswith("ValueError at test_web_logs.py:")
    assert "<- KeyError at test_web_logs.py:" in told["stack"]
    assert "Maria" not in json.dumps(told)


def test_a_mapping_as_message_is_not_a_way_around_the_list() -> None:
    record = logging.LogRecord("fascia.test", logging.INFO, __file__, 1, {"phone": "+16175550123"}, (), None)  # type: ignore[arg-type]
    assert "+1617" not in SafeFormatter("toy-svc").format(record)
