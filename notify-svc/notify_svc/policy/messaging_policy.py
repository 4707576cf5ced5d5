"""How a practice wants to message its patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from typing import Any, Literal, get_args

from fascia.problem import RuleViolation
from notify_svc.messages.gsm7 import fold, septets
from notify_svc.policy.quiet_hours import QuietHours

MAX_SENDER_SEPTETS = 30
"""So that every text with its opt-out hint stays within one segment."""

Confirmation = Literal["never", "windows", "always"]
CONFIRMATIONS: tuple[Confirmation, ...] = get_args(Confirmation)
DEFAULT_QUIET_HOURS = QuietHours(time(20, 0), time(9, 0))


@dataclass(frozen=True, kw_only=True)
class MessagingPolicy:
    """A practice's settings for messages.

    `reminder_lead_hours`: how long before a visit it is reminded of, any number of times. `follow_up_delay_minutes`:
    from the signature of a session's note to the follow-up. `texts_per_day` and `texts_per_week` limit texts to one
    patient (a practice that relies on the healthcare exemption sets 1 and 3, 47 CFR 64.1200(a)(9)(iv)); None: no limit.
    `booking_confirmation`: which bookings are confirmed in writing. By default those that promise a window: whoever was
    told one moment at the desk needs no text of it, and limits of texts are for what is needed more.
    """

    sender_name: str
    reminder_lead_hours: tuple[int, ...] = (48, 2)
    quiet_hours: QuietHours | None = DEFAULT_QUIET_HOURS
    follow_up_delay_minutes: int = 0
    texts_per_day: int | None = None
    texts_per_week: int | None = None
    booking_confirmation: Confirmation = "windows"
    version: int = 1

    @property
    def limits_texts(self) -> bool:
        """Whether the number of texts to one patient is limited."""
        return self.texts_per_day is not None or self.texts_per_week is not None

    def confirms(self, *, window: bool) -> bool:
        """Whether a booking is confirmed in writing; `window`: it promises one."""
        return self.booking_confirmation == "always" or (self.booking_confirmation == "windows" and window)

    def changed(self, changes: dict[str, Any]) -> MessagingPolicy:
        """A new version; raises RuleViolation."""
        new = replace(self, **changes, version=self.version + 1)
        new.check()
        return new

    def check(self) -> None:
        """Raise RuleViolation for what no text could be made with."""
        if septets(fold(self.sender_name)) > MAX_SENDER_SEPTETS:
            raise RuleViolation(
                "sender-name-too-long",
                f"The sender's name takes more than {MAX_SENDER_SEPTETS} characters of a text message.",
                "sender_name",
                "Use a shorter name that patients know you by.",
            )
        if len(set(self.reminder_lead_hours)) != len(self.reminder_lead_hours):
            raise RuleViolation(
                "reminder-lead-twice",
                "The same lead is given twice.",
                "reminder_lead_hours",
                "Name each lead once, for example [48, 2].",
            )
        if self.quiet_hours is not None and self.quiet_hours.starts_at == self.quiet_hours.ends_at:
            raise RuleViolation(
                "quiet-hours-empty",
                "Quiet hours start and end at the same time.",
                "quiet_hours",
                "Send null for none, or two different times.",
            )
