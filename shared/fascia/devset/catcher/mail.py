"""Mail: an SMTP server that keeps what it is given."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

from aiosmtpd.controller import Controller

from fascia.devset.catcher.caught import Caught
from fascia.devset.catcher.faults import Fault, Faults
from fascia.devset.catcher.journal import Journal


def read_mail(content: bytes, sender: str, to: str, at: datetime) -> Caught:
    """A mail as the catcher keeps it: subject and the readable part, plain text preferred."""
    mail = message_from_bytes(content, policy=modern)
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(preferencelist=("plain", "html"))
    return Caught(
        id=uuid.uuid4().hex,
        kind="mail",
        direction="outbound",
        sender=str(mail.get("From", sender)),
        to=to,
        subject=str(mail.get("Subject", "")),
        text=part.get_content() if part is not None else "",
        # As it was written: the modern parser stumbles over ids that are none.
        reference=str(message_from_bytes(content).get("Message-ID", "")).strip(),
        status="received",
        received_at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        attachments=[_attachment(part) for part in mail.iter_attachments() if part.get_content_maintype() == "text"],
    )


def _attachment(part: EmailMessage) -> dict[str, str]:
    return {
        "name": part.get_filename("") or "",
        "content_type": part.get_content_type(),
        "text": str(part.get_content()),
    }


class MailHandler:
    """aiosmtpd's hooks."""

    def __init__(self, journal: Journal, faults: Faults, now: Callable[[], datetime]) -> None:
        self._journal = journal
        self._faults = faults
        self._now = now

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail once per recipient, unless a fault says otherwise."""
        fault = self._faults.next("smtp")
        if fault is None or fault.after_accept:
            # fsync blocks; other dialogues go on meanwhile.
            await asyncio.get_running_loop().run_in_executor(None, self._keep, envelope)
        if fault is not None:
            return await self._misbehave(server, fault)
        return "250 Message accepted for delivery"

    def _keep(self, envelope: Any) -> None:
        for recipient in envelope.rcpt_tos:
            self._journal.add(read_mail(envelope.original_content, envelope.mail_from, recipient, self._now()))

    @staticmethod
    async def _misbehave(server: Any, fault: Fault) -> str:
        await asyncio.sleep(fault.delay_seconds)
        if fault.code is None:
            server.transport.abort()
            return "421 Connection dropped on purpose"
        if fault.code < 500:
            return f"{fault.code} Try again later"
        return f"{fault.code} No such mailbox"


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


def smtp_server(
    journal: Journal, faults: Faults, port: int, host: str = "127.0.0.1", now: Callable[[], datetime] = utc_now
) -> Controller:
    """An SMTP server in a thread of its own; `start()` and `stop()` it."""
    return Controller(MailHandler(journal, faults, now), hostname=host, port=port, enable_SMTPUTF8=True)
