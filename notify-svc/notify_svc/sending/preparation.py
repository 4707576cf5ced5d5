"""Taking a message up, in one transaction: may it go out now, and with what words?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fascia.links import BOARD, PAY_STATEMENT, QUESTIONNAIRE, sign_link
from fascia.store import UnitOfWork
from notify_svc.contacts.store import Contacts
from notify_svc.due.store import enqueue
from notify_svc.links.store import shorten
from notify_svc.messages.message import Channel, Message, Rendered, State
from notify_svc.messages.permission import Go, Never, RecentTexts, TooLate, Wait, may_send
from notify_svc.messages.schedule import settle
from notify_svc.messages.store import Messages
from notify_svc.messages.wording import TextTooLong, language_of, word
from notify_svc.policy.quiet_hours import first_moment
from notify_svc.policy.store import Policies
from notify_svc.settings import notify_settings
from notify_svc.therapists.store import Therapists

# Long enough for a weekend; who opens it later reads the statement behind a login.
PAY_LINK_LIFE = timedelta(days=3)
# The night after the day: whoever drives late is on the board until they are home.
BOARD_LINK_UNTIL = time(4, 0)


@dataclass(frozen=True)
class Attempt:
    """A message that this worker alone may send until `message.busy_until`.

    `look_first`: an earlier attempt may have reached the provider. `forbidden`: why it must not be sent any more if the
    provider does not have it yet; a reason code.
    """

    message: Message
    look_first: bool
    forbidden: str | None = None


@dataclass(frozen=True)
class Inquiry:
    """A text that the provider has and did not report on yet."""

    message: Message
    provider_ref: str


def take_up(uow: UnitOfWork, message_id: str) -> Attempt | Inquiry | None:
    """Claim a message for sending; None when there is nothing to do about it now, which is then noted."""
    message = Messages(uow).find(message_id)
    if message is not None and message.state is State.SENT and message.provider_ref is not None:
        return Inquiry(message, message.provider_ref)
    if message is None or not message.ready(uow.now):
        _look_again(uow, message)
        return None
    busy_until = uow.now + timedelta(seconds=notify_settings(uow.settings).attempt_lease_seconds)
    if message.state is State.SENDING:
        return _again(uow, message, busy_until)
    if message.audience == "therapist":
        return _to_therapist(uow, message, busy_until)
    return _to_patient(uow, message, busy_until)


def _look_again(uow: UnitOfWork, message: Message | None) -> None:
    # Another worker has it in hand. Should that one be killed, somebody must look again.
    if message is not None and message.open and message.busy_until is not None and message.busy_until > uow.now:
        enqueue(uow, message.id, message.busy_until)


def _again(uow: UnitOfWork, message: Message, busy_until: datetime) -> Attempt:
    taken = message.again(uow.now, busy_until)
    Messages(uow).save(taken, message)
    return Attempt(taken, look_first=message.unclear, forbidden=_forbidden(uow, message))


def _forbidden(uow: UnitOfWork, message: Message) -> str | None:
    if uow.now >= message.expires_at:
        return "expired"
    contact = Contacts(uow).find(message.recipient_id) if message.audience == "patient" else None
    return contact.refusal(message.channel) if contact else None


def _to_therapist(uow: UnitOfWork, message: Message, busy_until: datetime) -> Attempt | None:
    address = _address_of_therapist(uow, message)
    if uow.now >= message.expires_at:
        settle(uow, message, message.expired(uow.now))
        return None
    if not address:
        settle(uow, message, message.suppressed(uow.now, "no_address"))
        return None
    to = Go(message.channel, address)
    return _begin(uow, message, busy_until, to, "en", Policies(uow).current().sender_name)


def _address_of_therapist(uow: UnitOfWork, message: Message) -> str | None:
    if "address" in message.content:
        return message.content["address"] or None
    therapist = Therapists(uow).find(message.recipient_id)
    return therapist.address(message.channel) if therapist else None


def _to_patient(uow: UnitOfWork, message: Message, busy_until: datetime) -> Attempt | None:
    contact = Contacts(uow).find(message.recipient_id)
    policy = Policies(uow).current()
    recent = Messages(uow).recent_texts(message.recipient_id, uow.now) if policy.limits_texts else RecentTexts()
    decision = may_send(message, contact, policy, recent, uow.now)
    if isinstance(decision, Go):
        assert contact is not None
        language = language_of(contact.language)
        return _begin(uow, message, busy_until, decision, language, policy.sender_name)
    if isinstance(decision, Wait):
        postponed = message.postponed(decision.until)
        settle(uow, message, postponed)
        enqueue(uow, message.id, decision.until)
    elif isinstance(decision, Never):
        settle(uow, message, message.suppressed(uow.now, decision.reason))
    else:
        assert isinstance(decision, TooLate)
        settle(uow, message, message.expired(uow.now))
    return None


def _begin(
    uow: UnitOfWork, message: Message, busy_until: datetime, to: Go, language: str, sender: str
) -> Attempt | None:
    try:
        subject, text = word(message, to.channel, language, sender, **_more(uow, message, to.channel))
    except TextTooLong:
        # A public address so long that no short link fits; a person sees why nothing was sent.
        settle(uow, message, message.suppressed(uow.now, "text_too_long"))
        return None
    taken = message.begin(uow.now, busy_until, to.channel, Rendered(sender, to.address, subject, text))
    settle(uow, message, taken)
    return Attempt(taken, look_first=False)


def _more(uow: UnitOfWork, message: Message, channel: Channel) -> dict[str, str]:
    settings = notify_settings(uow.settings)
    if message.content.get("page_url"):
        expires_at = datetime.fromisoformat(message.content.get("page_expires_at") or message.expires_at.isoformat())
        link = message.content["page_url"]
    elif message.kind == "questionnaire":
        expires_at = datetime.fromisoformat(message.content["expires_at"])
        token = sign_link(uow.keyring, QUESTIONNAIRE, message.content["assessment_id"], uow.practice_id, expires_at)
        link = f"{settings.outcomes_public_url.rstrip('/')}/q/{token}"
    elif message.kind == "dispatch_warning":
        day = date.fromisoformat(message.content["date"])
        expires_at = first_moment(day + timedelta(days=1), BOARD_LINK_UNTIL, message.content["time_zone"])
        token = sign_link(uow.keyring, BOARD, day.isoformat(), uow.practice_id, expires_at)
        link = f"{settings.scheduling_public_url.rstrip('/')}/b/{token}"
    elif message.kind == "pay_statement":
        expires_at = uow.now + PAY_LINK_LIFE
        token = sign_link(uow.keyring, PAY_STATEMENT, message.content["statement_id"], uow.practice_id, expires_at)
        link = f"{settings.outcomes_public_url.rstrip('/')}/p/{token}"
    else:
        return {}
    if channel == "sms":
        link = f"{settings.public_url.rstrip('/')}/l/{shorten(uow, link, expires_at)}"
    return {"link": link}
