"""Pages for people: the list, a message, a reply in the patient's name."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

import requests
from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from fascia.devset.catcher.caught import Caught
from fascia.devset.catcher.parts import parts

blueprint = Blueprint("pages", __name__, template_folder="templates")

PAGE_SIZE = 100
_LINK = re.compile(r"https?://[^\s<>\"')\]]*[^\s<>\"')\].,;:!?]")


def linked(text: str) -> Markup:
    """Text as HTML in which addresses can be followed; everything else is escaped."""
    out, last = Markup(""), 0
    for match in _LINK.finditer(text):
        out += escape(text[last : match.start()])
        out += Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(match.group())
        last = match.end()
    return out + escape(text[last:])


def shown_time(received_at: str) -> str:
    """2026-11-23T09:30:12.123Z as "23 Nov 09:30:12"; the page says once that it is UTC."""
    return datetime.fromisoformat(received_at).strftime("%d %b %H:%M:%S")


@blueprint.get("/")
def index() -> str:
    """Everything, newest first; ?q= narrows by address or words."""
    wanted = request.args.get("q", "").strip()
    kind = request.args.get("kind", "")
    found = parts(current_app).journal.newest_first(
        lambda m: (not kind or m.kind == kind) and (not wanted or _mentions(m, wanted.casefold()))
    )
    page = max(request.args.get("page", 1, type=int), 1)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return render_template(
        "index.html",
        messages=shown,
        total=len(found),
        page=page,
        more=len(found) > page * PAGE_SIZE,
        q=wanted,
        kind=kind,
        shown_time=shown_time,
    )


def _mentions(message: Caught, words: str) -> bool:
    return any(words in part.casefold() for part in (message.to, message.sender, message.subject, message.text))


@blueprint.get("/messages/<message_id>")
def message(message_id: str) -> str:
    """One message with links that can be followed."""
    known = parts(current_app)
    found = known.journal.get(message_id)
    if found is None:
        abort(404)
    patient = found.sender if found.direction == "inbound" else found.to
    thread: list[Caught] = []
    if found.kind == "sms":
        thread = known.journal.newest_first(lambda m: m.kind == "sms" and patient in (m.to, m.sender))[:20]
    return render_template(
        "message.html",
        m=found,
        patient=patient,
        thread=[one for one in thread if one.id != found.id],
        can_reply=found.kind == "sms" and known.webhooks.inbound_url is not None,
        said=request.args.get("said"),
        linked=linked,
        shown_time=shown_time,
    )


@blueprint.post("/messages/<message_id>/reply")
def reply(message_id: str) -> AnyResponse:
    """Answer an SMS as the patient would."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    known = parts(current_app)
    found = known.journal.get(message_id)
    text = request.form.get("text", "").strip()[:1600]
    if found is None or found.kind != "sms":
        abort(404)
    if not text:
        return redirect(url_for("pages.message", message_id=message_id, said="Write something first."))
    outbound = found.direction == "outbound"
    patient, practice = (found.to, found.sender) if outbound else (found.sender, found.to)
    answer = _sms("inbound", patient, practice, text, known.now())
    try:
        said = known.webhooks.reply(answer)
    except requests.RequestException as error:
        return redirect(url_for("pages.message", message_id=message_id, said=f"Not taken: {type(error).__name__}"))
    known.journal.add(answer)
    if said:
        known.journal.add(_sms("outbound", practice, patient, said, known.now()))
    return redirect(url_for("pages.message", message_id=answer.id, said="The reply was sent."))


def _sms(direction: str, sender: str, to: str, text: str, at: datetime) -> Caught:
    sid = "SM" + uuid.uuid4().hex
    return Caught(
        id=sid,
        kind="sms",
        direction="inbound" if direction == "inbound" else "outbound",
        sender=sender,
        to=to,
        subject="",
        text=text,
        reference=sid,
        status="received" if direction == "inbound" else "delivered",
        received_at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """None; browsers ask anyway."""
    return Response(status=204)
