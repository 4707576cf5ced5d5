"""/v1/messages"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from fascia.problem import NotFound
from fascia.web.access import Principal, Role, access, current_principal
from fascia.web.pages import page_of
from fascia.web.unit import current_uow, query
from notify_svc.messages.message import Message
from notify_svc.messages.schemas import MessageDetailSchema, MessageQuerySchema, MessageSchema
from notify_svc.messages.store import Messages

blp = Blueprint("messages", __name__, description="What was said to patients and therapists")

_ALL = (Role.OWNER, Role.ADMIN, Role.DISPATCHER, Role.AUDITOR, Role.THERAPIST, Role.SERVICE)
_SEE_EVERYBODY = (Role.OWNER, Role.ADMIN, Role.DISPATCHER, Role.AUDITOR, Role.SERVICE)
# An auditor sees that something was said and when; the words name people and places.
_READ_WORDS = (Role.OWNER, Role.ADMIN, Role.DISPATCHER)
_FILTERS = ("recipient_id", "appointment_id", "kind", "state", "channel")


@blp.route("/v1/messages", methods=["GET"])
@access(*_ALL)
@query
@blp.arguments(MessageQuerySchema, location="query")
@blp.response(200, page_of(MessageSchema))
def list_messages(parameters: dict[str, Any]) -> dict[str, Any]:
    """Messages, newest first. A therapist sees those to themselves."""
    filters = {name: parameters[name] for name in _FILTERS if name in parameters}
    caller = current_principal()
    if not caller.has(*_SEE_EVERYBODY):
        if filters.get("recipient_id", caller.subject) != caller.subject:
            return {"items": [], "next_cursor": None}
        filters["recipient_id"] = caller.subject
    found, cursor = Messages(current_uow()).page(filters, parameters)
    return {"items": found, "next_cursor": cursor}


@blp.route("/v1/messages/<message_id>", methods=["GET"])
@access(*_ALL)
@query
@blp.response(200, MessageDetailSchema)
def get_message(message_id: str) -> dict[str, Any]:
    """One message; its words for the owner, administrators, dispatchers and the therapist that it is to."""
    message = Messages(current_uow()).get(message_id)
    caller = current_principal()
    mine = message.audience == "therapist" and message.recipient_id == caller.subject
    if not mine and not caller.has(*_SEE_EVERYBODY):
        raise NotFound("message", message_id)
    return _detail(message, words=mine or _may_read(caller))


def _may_read(caller: Principal) -> bool:
    return caller.has(*_READ_WORDS)


def _detail(message: Message, *, words: bool) -> dict[str, Any]:
    rendered = message.rendered if words else None
    return {
        **{name: value for name, value in asdict(message).items() if name not in ("rendered", "content", "history")},
        "history": [{"state": state, "at": at} for state, at in message.history],
        "subject": (rendered.subject or None) if rendered else None,
        "text": rendered.text if rendered else None,
    }
