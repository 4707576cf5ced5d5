"""Whether a message may go out now, and on which channel. Asked at the moment of sending, when it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from notify_svc.contacts.contact import Channel, Contact
from notify_svc.messages.message import Kind, Message
from notify_svc.policy.messaging_policy import MessagingPolicy

_PREFERRED: Mapping[Kind, tuple[Channel, ...]] = {
    "reminder": ("sms", "email"),
    "follow_up": ("sms", "email"),
    "questionnaire": ("email", "sms"),
    "booking": ("sms", "email"),
    "moved": ("sms", "email"),
    "cancellation": ("sms", "email"),
    "running_late": ("sms", "email"),
}
# patient.* and the event that causes a message travel on different topics: the contact may be a little late.
_WAIT_FOR_CONTACT = timedelta(minutes=15)


@dataclass(frozen=True)
class Go:
    """Send it on this channel to this address."""

    channel: Channel
    address: str


@dataclass(frozen=True)
class Wait:
    """Ask again then."""

    until: datetime


@dataclass(frozen=True)
class Never:
    """It must not be sent; `reason` is a code."""

    reason: str


@dataclass(frozen=True)
class TooLate:
    """It is of no use any more."""


Decision = Go | Wait | Never | TooLate


@dataclass(frozen=True)
class RecentTexts:
    """How many texts went to a patient in the last 24 hours and 7 days."""

    day: int = 0
    week: int = 0


def preferred_channel(kind: Kind, contact: Contact | None) -> Channel:
    """The channel to plan with: the first that may be used, else the first."""
    channels = _PREFERRED[kind]
    if contact is None:
        return channels[0]
    return next((channel for channel in channels if contact.refusal(channel) is None), channels[0])


def may_send(
    message: Message, contact: Contact | None, policy: MessagingPolicy, recent: RecentTexts, now: datetime
) -> Decision:
    """The decision for a message to a patient.

    An urgent one is not counted against the limits of texts, and in quiet hours goes by mail rather than later. No
    opt-out yields to it.
    """
    if now >= message.expires_at:
        return TooLate()
    if contact is None:
        return _without_contact(message, now)
    refusals: list[str] = []
    postponed: list[Decision] = []
    for channel in _PREFERRED[message.kind]:
        refusal = contact.refusal(channel)
        if refusal is None and channel == "sms" and not message.urgent and _limit_reached(policy, recent):
            refusal = "text_limit"
        if refusal is not None:
            refusals.append(refusal)
            continue
        decision = _open_at(message, contact, channel, policy, now)
        if isinstance(decision, Go) or not message.urgent:
            return decision
        postponed.append(decision)
    return postponed[0] if postponed else Never(refusals[0])


def _without_contact(message: Message, now: datetime) -> Decision:
    age = now - message.created_at
    if age >= _WAIT_FOR_CONTACT:
        return Never("contact_unknown")
    return Wait(now + max(timedelta(seconds=1), age / 2))


def _limit_reached(policy: MessagingPolicy, recent: RecentTexts) -> bool:
    return (policy.texts_per_day is not None and recent.day >= policy.texts_per_day) or (
        policy.texts_per_week is not None and recent.week >= policy.texts_per_week
    )


def _open_at(message: Message, contact: Contact, channel: Channel, policy: MessagingPolicy, now: datetime) -> Decision:
    if channel == "sms" and policy.quiet_hours is not None:
        opens = policy.quiet_hours.next_open(now, contact.time_zone)
        if opens >= message.expires_at:
            return Never("quiet_hours")
        if opens > now:
            return Wait(opens)
    address = contact.address(channel)
    assert address is not None
    return Go(channel, address)
