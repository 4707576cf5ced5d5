"""A message: one thing that the practice says to one person because of one cause, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, get_args

from fascia.problem import Conflict

Kind = Literal[
    "reminder",
    "follow_up",
    "questionnaire",
    "booking",
    "moved",
    "cancellation",
    "running_late",
    "route",
    "dispatch_warning",
    "pay_statement",
    "alert",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
ABOUT_A_VISIT: frozenset[Kind] = frozenset({"reminder", "booking", "moved", "cancellation", "running_late"})
"""Said about a visit as it is: what was not said yet goes when the visit changes."""

Channel = Literal["sms", "email"]
Audience = Literal["patient", "therapist"]


class State(StrEnum):
    """scheduled -> sending -> sent -> delivered, bounced, failed; scheduled -> cancelled, suppressed, expired.

    A message also fails or expires from `sending`, where the provider refuses it or cannot be reached in time.
    """

    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"


_NEXT: Mapping[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.SENDING, State.CANCELLED, State.SUPPRESSED, State.EXPIRED}),
    State.SENDING: frozenset({State.SENT, State.FAILED, State.EXPIRED}),
    State.SENT: frozenset({State.DELIVERED, State.BOUNCED, State.FAILED}),
}


@dataclass(frozen=True)
class Rendered:
    """What was said and where to. It is kept, so that a second attempt says exactly the same."""

    sender: str
    address: str
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """`cause` names what the message is for, uniquely within a practice, so that a replay makes no second one.

    `content` holds what its wording needs. `due_at` is when the next thing is to be done about it. `busy_until` is the
    lease of the attempt in hand: until then no other worker touches the message. `unclear` says that an attempt may
    have reached the provider: the next one looks it up before it sends. `provider_ref` is the provider's id of it.
    `caused_by` is the event that it was planned for and `traceparent` where its trace stood then: what is told of it
    later belongs there.
    """

    id: str
    cause: str
    kind: Kind
    channel: Channel
    audience: Audience
    recipient_id: str
    appointment_id: str | None
    content: Mapping[str, Any]
    due_at: datetime
    expires_at: datetime
    created_at: datetime
    state: State = State.SCHEDULED
    reason: str | None = None
    attempts: int = 0
    busy_until: datetime | None = None
    unclear: bool = False
    rendered: Rendered | None = None
    provider_ref: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    version: int = 1
    history: tuple[tuple[str, datetime], ...] = field(default=())
    caused_by: str | None = None
    traceparent: str | None = None

    @property
    def urgent(self) -> bool:
        """Whether somebody would wait in vain, or not be there, without it: a change on the day of the visit."""
        return bool(self.content.get("urgent", False))

    @property
    def open(self) -> bool:
        """Whether something is still to be done to send it."""
        return self.state in (State.SCHEDULED, State.SENDING)

    def ready(self, now: datetime) -> bool:
        """Whether a worker may take it up at `now`."""
        return self.open and self.due_at <= now and (self.busy_until is None or self.busy_until <= now)

    def begin(self, now: datetime, busy_until: datetime, channel: Channel, rendered: Rendered) -> Message:
        """Take up a scheduled message: from here on the provider may have it."""
        changed = self._to(State.SENDING, now, busy_until=busy_until, channel=channel, rendered=rendered)
        return replace(changed, attempts=1, unclear=True)

    def again(self, now: datetime, busy_until: datetime) -> Message:
        """Take up a message whose earlier attempt did not end well, or did not end at all."""
        if self.state is not State.SENDING:
            raise _not_possible(self.state, State.SENDING)
        return replace(self, attempts=self.attempts + 1, busy_until=busy_until, unclear=True, version=self.version + 1)

    def accepted(self, now: datetime, provider_ref: str) -> Message:
        """The provider has it."""
        return self._to(State.SENT, now, provider_ref=provider_ref, sent_at=now, busy_until=None, unclear=False)

    def try_later(self, at: datetime, *, unclear: bool, reason: str) -> Message:
        """An attempt failed for now. `unclear`: the provider may have it all the same."""
        if self.state is not State.SENDING:
            raise _not_possible(self.state, State.SENDING)
        return replace(self, due_at=at, busy_until=None, unclear=unclear, reason=reason, version=self.version + 1)

    def postponed(self, at: datetime) -> Message:
        """Not now: quiet hours, or the contact is not known yet."""
        if self.state is not State.SCHEDULED:
            raise _not_possible(self.state, State.SCHEDULED)
        return replace(self, due_at=at, version=self.version + 1)

    def delivered(self, now: datetime) -> Message:
        """The provider says that it arrived. Saying so twice changes nothing."""
        return self if self.state is State.DELIVERED else self._to(State.DELIVERED, now, delivered_at=now)

    def bounced(self, now: datetime, reason: str) -> Message:
        """The provider had it and says that it did not arrive."""
        return self if self.state is State.BOUNCED else self._to(State.BOUNCED, now, reason=reason)

    def failed(self, now: datetime, reason: str) -> Message:
        """It will not be sent, or the provider gave it up; `reason` is a code."""
        return self if self.state is State.FAILED else self._to(State.FAILED, now, reason=reason, busy_until=None)

    def cancelled(self, now: datetime) -> Message:
        """What it was for is gone."""
        return self._to(State.CANCELLED, now)

    def suppressed(self, now: datetime, reason: str) -> Message:
        """It must not be sent; `reason` is a code."""
        return self._to(State.SUPPRESSED, now, reason=reason)

    def expired(self, now: datetime) -> Message:
        """It is too late to be of use."""
        return self._to(State.EXPIRED, now, busy_until=None)

    def _to(self, state: State, now: datetime, **changes: Any) -> Message:
        if state not in _NEXT.get(self.state, frozenset()):
            raise _not_possible(self.state, state)
        return replace(self, state=state, version=self.version + 1, history=(*self.history, (state, now)), **changes)


def _not_possible(present: State, wanted: State) -> Conflict:
    return Conflict("message-state", f"A message that is {present} cannot become {wanted}.")
