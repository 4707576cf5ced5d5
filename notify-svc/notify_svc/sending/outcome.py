"""What a provider made of a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Accepted:
    """It has the message; `ref` is what it knows it by."""

    ref: str


@dataclass(frozen=True)
class Refused:
    """It will never take the message; `reason` is a code."""

    reason: str


@dataclass(frozen=True)
class FailedForNow:
    """It did not say that it has the message.

    `unclear`: it may have it all the same, so look before the next attempt. `settle_seconds`: how long the request may
    still be under way there, so that an earlier look would prove nothing.
    """

    reason: str
    unclear: bool
    settle_seconds: float = 0.0


Outcome = Accepted | Refused | FailedForNow


def next_delivery_check(sent_at: datetime, now: datetime, first: timedelta) -> datetime | None:
    """When to ask again what became of a text: twice as late each time, for a day; None after that.

    The provider reports delivery by a webhook that it may send once only, while this service was not there to hear it.
    """
    age = now - sent_at
    return None if age >= timedelta(days=1) else now + max(first, age)


class LookupImpossible(Exception):
    """There is no way to find out whether the provider has a message."""


class LookupFailed(Exception):
    """The provider could not be asked just now."""
