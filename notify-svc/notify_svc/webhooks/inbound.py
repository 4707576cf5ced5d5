"""A reply of a patient, understood and acted upon."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.store import Index, UnitOfWork
from notify_svc.contacts.contact import Contact
from notify_svc.contacts.opting import opt_in, opt_out
from notify_svc.contacts.reply import Meaning, meaning_of
from notify_svc.contacts.store import Contacts
from notify_svc.messages.message import Message
from notify_svc.messages.store import Messages
from notify_svc.messages.wording import help_answer, language_of, opt_out_confirmation
from notify_svc.policy.store import Policies

COLLECTION = "replies"
INDEXES = (
    Index(COLLECTION, (("practice_id", 1), ("received_at", 1))),
    Index(COLLECTION, (("forget_at", 1),), expire_after=4 * 365 * 86_400),
)


@dataclass(frozen=True)
class Reply:
    """A text that came in; `sid` is the provider's id, by which a second delivery of it is known."""

    sid: str
    phone: str
    text: str


def take_reply(uow: UnitOfWork, reply: Reply, *, confirm_opt_out: bool) -> str | None:
    """Act on a reply, once; the text to answer with, if any. The same reply again gets the same answer, no more.

    An opt-out counts for everybody who is reached at the number. `confirm_opt_out`: the provider does not confirm it.
    """
    replies = uow.collection(COLLECTION)
    reply_id = f"{uow.practice_id}:{reply.sid}"
    known = replies.find_one({"_id": reply_id})
    context = f"reply:{reply_id}"
    if known is not None:
        answer: str | None = uow.keyring.open_json(known["answer"], context)
        return answer
    contacts = Contacts(uow).with_phone(reply.phone)
    meaning = meaning_of(reply.text)
    answer = _act(uow, contacts, meaning, confirm_opt_out=confirm_opt_out)
    replies.insert_one(
        {
            "_id": reply_id,
            "meaning": meaning.value,
            "patient_ids": [contact.patient_id for contact in contacts],
            "text": uow.keyring.seal_json(reply.text, context),
            "answer": uow.keyring.seal_json(answer, context),
            "received_at": uow.now,
            "forget_at": uow.now,
        }
    )
    return answer


def _act(uow: UnitOfWork, contacts: list[Contact], meaning: Meaning, *, confirm_opt_out: bool) -> str | None:
    if not contacts:
        return None
    sender, language = Policies(uow).current().sender_name, language_of(contacts[0].language)
    if meaning is Meaning.OPT_OUT:
        changed = [contact for contact in contacts if opt_out(uow, contact.patient_id, "sms")]
        # One confirmation only: whoever writes STOP again is not written to again.
        return opt_out_confirmation(language, sender) if changed and confirm_opt_out else None
    if meaning is Meaning.OPT_IN:
        for contact in contacts:
            opt_in(uow, contact.patient_id, "sms")
    elif meaning in (Meaning.CONFIRM, Meaning.CALL_ME):
        _tell(uow, contacts, meaning)
    elif meaning is Meaning.HELP:
        return help_answer(language, sender)
    return None


def _tell(uow: UnitOfWork, contacts: list[Contact], meaning: Meaning) -> None:
    answered: Message | None = Messages(uow).latest_text_to(contact.patient_id for contact in contacts)
    patient_id = answered.recipient_id if answered is not None else contacts[0].patient_id
    uow.publish(
        "reply.received",
        {
            "patient_id": patient_id,
            "appointment_id": answered.appointment_id if answered is not None else None,
            "request": meaning.value,
            "at": uow.now,
        },
    )
