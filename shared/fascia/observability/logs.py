"""JSON logs without anything about a person.

A log line says what happened in fixed words; what varies goes into named extra fields, and only names on the list below
get through. A traceback is logged as types and places: the message of an exception may quote a value.
"""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from pythonjsonlogger.core import LogData
from pythonjsonlogger.json import JsonFormatter

from fascia.observability.tracing import current_trace_id

ALLOWED = frozenset(
    {
        "attempt",
        "bytes",
        "channel",
        "code",
        "consumer",
        "count",
        "duration_ms",
        "error",
        "error_type",
        "event_id",
        "event_type",
        "group",
        "instrument",
        "job",
        "kind",
        "message_id",
        "method",
        "offset",
        "part",
        "partition",
        "port",
        "practice_id",
        "provider_status",
        "reason",
        "request_id",
        "route",
        "service",
        "session_id",
        "state",
        "status",
        "topic",
    }
)
# Attributes that the logging module itself puts on a record.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class SafeFormatter(JsonFormatter):
    """One JSON object a line. Extra fields that are not on the list are left out, and their names are told."""

    def __init__(self, service: str) -> None:
        super().__init__(rename_fields={})
        self._service = service

    def process_log_record(self, log_data: LogData) -> LogData:
        extras = {name: value for name, value in log_data.items() if name not in _OWN}
        line: LogData = {
            "time": log_data.get("time"),
            "level": log_data.get("level"),
            "service": self._service,
            "logger": log_data.get("logger"),
            "message": log_data.get("message"),
        }
        if trace_id := current_trace_id():
            line["trace_id"] = trace_id
        line |= {name: value for name, value in extras.items() if name in ALLOWED}
        withheld = sorted(set(extras) - ALLOWED - set(line))
        if withheld:
            line["withheld"] = withheld
        if log_data.get("exc_info"):
            line["stack"] = log_data["exc_info"]
        return line

    def add_fields(self, log_data: LogData, record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name

    def formatException(  # noqa: N802 - the name is the base class's
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return "" if ei[1] is None else places(ei[1])


def places(error: BaseException) -> str:
    """An exception as its type and the places it passed, innermost last, with its causes but no message."""
    frames = " > ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}:{frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    )
    text = f"{type(error).__name__} at {frames or 'unknown'}"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{text} <- {places(cause)}" if cause is not None else text


def configure_logging(service: str, level: str = "INFO") -> None:
    """Log JSON to standard error. Libraries are heard from WARNING on: below it pymongo quotes documents."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    package = service.replace("-", "_")
    for own in ("fascia", package):
        logging.getLogger(own).setLevel(level.upper())
