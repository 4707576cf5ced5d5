"""What the sender asks of a provider: send, and find what may have been sent before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Protocol

from notify_svc.messages.delivery import Report
from notify_svc.messages.message import Channel, Message
from notify_svc.sending.mail import SmtpMail
from notify_svc.sending.outcome import Outcome
from notify_svc.sending.sms import TwilioSms
from notify_svc.settings import NotifySettings


class MessageLookup(Protocol):
    """Tells whether a provider has a message that may have been handed to it."""

    def find(self, message: Message, taken: Callable[[Iterable[str]], set[str]]) -> str | None:
        """What the provider knows it by; None when it does not have it. Raises LookupImpossible or LookupFailed."""
        ...


class Provider(MessageLookup, Protocol):
    """A channel to people."""

    def send(self, message: Message, practice_id: str) -> Outcome:
        """Hand over a rendered message. May block for the provider's timeout, raises nothing."""
        ...

    def report(self, provider_ref: str) -> Report | None:
        """What became of a message that it has; None when it does not say. Raises LookupFailed."""
        ...


@lru_cache(maxsize=8)
def providers(settings: NotifySettings) -> dict[Channel, Provider]:
    """The providers of a process; connections are pooled in them."""
    return {"sms": TwilioSms(settings), "email": SmtpMail(settings)}
