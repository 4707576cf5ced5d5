"""Mail over SMTP.

The dialogue is led step by step, because what matters after a failure is how far it came: until the relay has asked for
the content (354) it certainly has nothing; after that, only its answer tells.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, formataddr
from urllib.parse import urlsplit

import requests

from notify_svc.messages.delivery import Report
from notify_svc.messages.message import Message
from notify_svc.messages.route_content import calendar_file
from notify_svc.sending.outcome import Accepted, FailedForNow, LookupFailed, LookupImpossible, Outcome, Refused
from notify_svc.settings import NotifySettings

_MAX_REASON_CODE = 599


class SmtpMail:
    """Sends mail through a relay; a connection per mail, so that threads share nothing."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings

    def send(self, message: Message, practice_id: str) -> Outcome:
        """Hand a rendered message to the relay."""
        assert message.rendered is not None
        mail = self._compose(message)
        began = time.monotonic()
        try:
            relay = self._connect()
        except (OSError, smtplib.SMTPException):
            # Also a refused login: somebody has to mend it, and the message is not to blame.
            return FailedForNow("smtp_unreachable", unclear=False)
        try:
            return self._converse(relay, message.rendered.address, mail, began)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                relay.quit()
            relay.close()

    def _converse(self, relay: smtplib.SMTP, address: str, mail: EmailMessage, began: float) -> Outcome:
        try:
            if not self._announce(relay, address, began):
                # Each answer came in time, all together too late: the lease must not end with the content under way.
                return FailedForNow("smtp_too_slow", unclear=False)
        except smtplib.SMTPResponseException as error:
            return _from_code(error.smtp_code)
        except (OSError, smtplib.SMTPException):
            return FailedForNow("smtp_unreachable", unclear=False)
        try:
            return self._hand_over(relay, mail)
        except (OSError, smtplib.SMTPException):
            settle = self._settings.attempt_lease_seconds
            return FailedForNow("smtp_no_answer", unclear=True, settle_seconds=settle)

    def find(self, message: Message, taken: Callable[[Iterable[str]], set[str]]) -> str | None:
        """The Message-ID under which the relay has a mail; None when it has none.

        Raises LookupImpossible for a plain relay, which answers no such question, and LookupFailed.
        """
        url = self._settings.mail_lookup_url
        if not url:
            raise LookupImpossible
        reference = message_id_header(self._settings, message)
        try:
            with requests.Session() as session:
                session.trust_env = urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1")
                answer = session.get(
                    url, params={"reference": reference}, timeout=self._settings.provider_timeout_seconds
                )
                answer.raise_for_status()
                items = answer.json()["items"]
        except (requests.RequestException, ValueError, KeyError) as error:
            raise LookupFailed(type(error).__name__) from error
        return reference if items else None

    def report(self, provider_ref: str) -> Report | None:
        """None: a relay takes a mail and says no more of it."""
        return None

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        relay = smtplib.SMTP(timeout=settings.provider_timeout_seconds)
        code, _ = relay.connect(settings.smtp_host, settings.smtp_port)
        if code != 220:
            relay.close()
            raise smtplib.SMTPConnectError(code, "")
        relay.ehlo_or_helo_if_needed()
        if settings.smtp_starttls:
            relay.starttls(context=ssl.create_default_context())
            relay.ehlo()
        if settings.smtp_user:
            relay.login(settings.smtp_user, settings.smtp_password)
        return relay

    def _announce(self, relay: smtplib.SMTP, address: str, began: float) -> bool:
        """Lead the dialogue to the point where the relay asks for the content; False when that took too long."""
        _expect(250, *relay.mail(self._settings.mail_sender))
        _expect(250, *relay.rcpt(address))
        if time.monotonic() - began > self._settings.provider_timeout_seconds:
            return False
        _expect(354, *relay.docmd("DATA"))
        return True

    @staticmethod
    def _hand_over(relay: smtplib.SMTP, mail: EmailMessage) -> Outcome:
        content = mail.as_bytes(policy=WIRE)
        stuffed = content.replace(b"\r\n.", b"\r\n..")
        relay.send(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
        relay.send(b".\r\n")
        code, _ = relay.getreply()
        if code == -1:
            raise smtplib.SMTPServerDisconnected
        return Accepted(str(mail["Message-ID"])) if 200 <= code < 300 else _from_code(code)

    def _compose(self, message: Message) -> EmailMessage:
        assert message.rendered is not None
        mail = EmailMessage()
        mail["From"] = formataddr((str(message.rendered.sender), self._settings.mail_sender))
        mail["To"] = message.rendered.address
        mail["Subject"] = message.rendered.subject
        mail["Date"] = format_datetime(message.history[-1][1])
        mail["Message-ID"] = message_id_header(self._settings, message)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.rendered.text)
        # Planned before there were calendar files, a message does not hold what one needs.
        if message.kind == "route" and "gone" in message.content:
            _attach_calendar(mail, message)
        return mail


def _attach_calendar(mail: EmailMessage, message: Message) -> None:
    name, kind = f"visits-{message.content['date']}.ics", {"method": "PUBLISH", "charset": "utf-8"}
    mail.add_attachment(calendar_file(message), maintype="text", subtype="calendar", filename=name, params=kind)
    # Every attempt says exactly the same, to the last byte.
    mail.set_boundary(f"part-{message.id}")


def _expect(code: int, answered: int, text: bytes) -> None:
    # 251 and 252 are a 250 with a remark (RFC 5321, section 4.2.2).
    if answered != code and not (code == 250 and answered in (251, 252)):
        raise smtplib.SMTPDataError(answered, text)


def message_id_header(settings: NotifySettings, message: Message) -> str:
    """The Message-ID of a mail, the same in every attempt: it can be looked up, and receivers can drop a second."""
    return f"<{message.id}@{settings.mail_sender.rpartition('@')[2]}>"


def _from_code(code: int) -> Outcome:
    if 500 <= code <= _MAX_REASON_CODE:
        return Refused(f"smtp_{code}")
    if 400 <= code < 500:
        # The relay said no, so it does not have it.
        return FailedForNow(f"smtp_{code}", unclear=False)
    return FailedForNow("smtp_unreachable", unclear=False)
