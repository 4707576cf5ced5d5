"""Idempotency-Key: a command that is sent twice has one effect, and the second answer is the first one again.

The record is written in the transaction of the effect, so there is never one without the other. Errors are not stored:
a refused request may be mended and sent again under the same key.

Nearly every key is new, so a command does not ask first: it writes its record with its effect. A key that was used
shows at that write, or when the command is refused (`is_used`); only then the earlier answer is looked for (`replay`).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from flask import Response, request

from fascia.problem import FieldError, RuleViolation
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.problems import BadRequest

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
COLLECTION = "idempotency"
MAX_CHARS = 255
KEPT = timedelta(hours=24)
# What an answer said beside its body; security headers and the like are put on every answer anyway.
_KEPT_HEADERS = ("Content-Type", "ETag", "Fascia-Event", "Location")


def requested_key() -> str | None:
    """The key that the request names, or None; raises BadRequest for one that is too long or not plain text."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_CHARS or not key.isascii() or not key.isprintable():
        fix = f"Send 1 to {MAX_CHARS} printable ASCII characters, such as a UUID."
        raise BadRequest(
            "malformed-idempotency-key",
            f"{HEADER} is not usable. {fix}",
            errors=[FieldError(HEADER, "It is empty, too long or not plain text.", fix)],
        )
    return key


def is_used(uow: UnitOfWork, key: str | None) -> bool:
    """Whether this transaction sees a record of the key, be it one that has run out."""
    return (
        key is not None and uow.collection(COLLECTION).find_one({"_id": _record_id(uow, key)}, {"_id": 1}) is not None
    )


def replay(uow: UnitOfWork, key: str | None) -> Response | None:
    """The stored answer of an earlier command with this key; raises RuleViolation when that was another request."""
    if key is None:
        return None
    record_id = _record_id(uow, key)
    records = uow.collection(COLLECTION)
    record = records.find_one({"_id": record_id})
    if record is None:
        return None
    if record["expires_at"] <= uow.now:
        # The database removes old records at its own pace; until then one must not block its key.
        records.delete_one({"_id": record_id})
        return None
    if record["fingerprint"] != _fingerprint(uow):
        raise RuleViolation(
            "idempotency-key-reused",
            "This Idempotency-Key was used for another request.",
            HEADER,
            "Send a new key for a new request, or the same request again.",
        )
    stored = uow.keyring.open_json(record["answer"], record_id)
    response = Response(base64.b64decode(stored["body"]), status=stored["status"], headers=stored["headers"])
    response.headers[REPLAYED_HEADER] = "true"
    return response


def remember(uow: UnitOfWork, key: str | None, response: Response) -> None:
    """Keep the answer with the effect. A second request under the key collides here (or earlier): it then replays."""
    if key is None:
        return
    record_id = _record_id(uow, key)
    answer = {
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
        "body": base64.b64encode(response.get_data()).decode(),
    }
    uow.collection(COLLECTION).insert_one(
        {
            "_id": record_id,
            "fingerprint": _fingerprint(uow),
            "answer": uow.keyring.seal_json(answer, record_id),
            "expires_at": uow.now + KEPT,
        }
    )


def _record_id(uow: UnitOfWork, key: str) -> str:
    return f"{uow.practice_id}:{key}"


def _fingerprint(uow: UnitOfWork) -> str:
    """One value per request: who sent what where. Another person's request under a known key is another request."""
    subject = uow.principal.subject if uow.principal else ""
    digest = hashlib.sha256()
    for part in (subject.encode(), request.method.encode(), request.full_path.encode(), request.get_data(cache=True)):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
