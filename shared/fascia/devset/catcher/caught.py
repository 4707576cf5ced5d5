"""What the catcher keeps: one mail or one SMS, in either direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Kind = Literal["mail", "sms"]
Direction = Literal["outbound", "inbound"]


@dataclass(frozen=True, kw_only=True)
class Caught:
    """A message. `to` holds one address; a mail to three people is kept three times.

    `reference` is the sender's own Message-ID for a mail and the provider's sid for an SMS; `received_at` is an
    RFC 3339 instant in UTC. `callback` is where the sender wants to be told of delivery, `callback_done` says whether
    it was.
    """

    id: str
    kind: Kind
    direction: Direction
    sender: str
    to: str
    subject: str
    text: str
    reference: str
    status: str
    received_at: str
    callback: str | None = None
    callback_done: bool = True
    attachments: Sequence[Mapping[str, str]] = ()

    def as_json(self) -> dict[str, Any]:
        """All fields, for the journal and for scripts."""
        return asdict(self)

    def with_status(self, status: str, *, callback_done: bool) -> Caught:
        """The same message, further on its way."""
        return replace(self, status=status, callback_done=callback_done)
