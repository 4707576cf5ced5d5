"""Faults on purpose: so that tests can see what the suite does when a provider misbehaves."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

Channel = Literal["smtp", "sms"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to misbehave.

    `code` is answered instead of success (SMTP 451 or 550, HTTP 500); without a code the connection is dropped over
    SMTP and only delayed over HTTP. `delay_seconds` comes before the answer. `after_accept` keeps the message all the
    same: the case in which the sender cannot know. `times` counts down; None means until it is cleared.
    """

    channel: Channel
    code: int | None = None
    delay_seconds: float = 0.0
    times: int | None = None
    after_accept: bool = False


class BadFaultError(ValueError):
    """A fault that cannot be read."""


def read_fault(data: Mapping[str, Any]) -> Fault:
    """A fault from JSON; raises BadFaultError that names the field."""
    unknown = set(data) - {"channel", "code", "delay_seconds", "times", "after_accept"}
    if unknown:
        raise BadFaultError(f"unknown field {sorted(unknown)[0]}")
    if data.get("channel") not in get_args(Channel):
        raise BadFaultError("channel must be smtp or sms")
    code, delay, times = data.get("code"), data.get("delay_seconds", 0.0), data.get("times")
    if code is not None and not (isinstance(code, int) and 400 <= code <= 599):
        raise BadFaultError("code must be a number from 400 to 599")
    if not isinstance(delay, int | float) or delay < 0:
        raise BadFaultError("delay_seconds must be zero or more")
    if times is not None and not (isinstance(times, int) and times > 0):
        raise BadFaultError("times must be a number above zero, or absent")
    return Fault(
        channel=data["channel"],
        code=code,
        delay_seconds=float(delay),
        times=times,
        after_accept=bool(data.get("after_accept", False)),
    )


class Faults:
    """The faults in force; the first one of a channel applies."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._faults = list(faults)

    def set(self, faults: Sequence[Fault]) -> None:
        """Replace all."""
        with self._lock:
            self._faults = list(faults)

    def as_json(self) -> list[dict[str, Any]]:
        """What is in force."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def next(self, channel: Channel) -> Fault | None:
        """The fault for the next message of a channel, counted down."""
        with self._lock:
            for position, fault in enumerate(self._faults):
                if fault.channel != channel:
                    continue
                if fault.times is not None:
                    if fault.times == 1:
                        del self._faults[position]
                    else:
                        self._faults[position] = replace(fault, times=fault.times - 1)
                return fault
            return None
