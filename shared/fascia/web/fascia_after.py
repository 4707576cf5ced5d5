"""Fascia-After: act on what was just written elsewhere, without sleeps and without a false refusal.

A write answers with `Fascia-Event: type/id`. A request to another service may carry the same text in `Fascia-After`;
that service waits up to a second until its inbox holds the events of the types that it consumes.
"""

from __future__ import annotations

import re
import time

from fascia.backbone import inbox
from fascia.problem import FieldError, Unavailable
from fascia.web.problems import BadRequest
from fascia.web.running import kit

HEADER = "Fascia-After"
WAIT_SECONDS = 1.0
_POLL_SECONDS = 0.015
_MAX_EVENTS = 20
_ENTRY = re.compile(r"([a-z_]+(?:\.[a-z_0-9]+)+)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def wait(header: str | None) -> None:
    """Return once the named events took effect here; raises Unavailable (503) after a second, BadRequest for nonsense.

    It must not run inside a transaction, whose snapshot would never show what arrives meanwhile.
    """
    if not header:
        return
    service, database = kit().service, kit().runtime.database
    missing = {event_id for type_, event_id in parse(header) if type_ in service.handlers}
    until = time.monotonic() + WAIT_SECONDS
    while missing:
        missing -= inbox.received(database, service.name, missing)
        if not missing:
            return
        if time.monotonic() >= until:
            raise Unavailable(
                "event-not-here-yet", "What this request builds on has not arrived here yet; nothing was changed."
            )
        time.sleep(_POLL_SECONDS)


def parse(header: str) -> list[tuple[str, str]]:
    """The (type, id) pairs of a header; raises BadRequest."""
    found = [_ENTRY.fullmatch(part.strip()) for part in header.split(",")]
    if len(found) > _MAX_EVENTS or not all(found):
        fix = f"Send the Fascia-Event of an earlier answer unchanged: type/id, at most {_MAX_EVENTS} of them."
        raise BadRequest(
            "malformed-fascia-after",
            f"{HEADER} is not a list of events. {fix}",
            errors=[FieldError(HEADER, "It is not a list of events.", fix)],
        )
    return [(entry[1], entry[2]) for entry in found if entry]
