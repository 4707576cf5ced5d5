"""Short links in MongoDB. Where one leads is sealed: who reads the database cannot answer for a patient."""

from __future__ import annotations

import secrets
import string
from datetime import datetime
from typing import Any

from fascia.crypto.keyring import Keyring
from fascia.problem import Gone, NotFound
from fascia.store import Index, UnitOfWork
from pymongo.database import Database

COLLECTION = "short_links"
INDEXES = (Index(COLLECTION, (("forget_at", 1),), expire_after=90 * 86_400),)
# 62 ** 12 codes: 71 bits, beyond guessing over HTTP.
_ALPHABET = string.ascii_letters + string.digits
CODE_LENGTH = 12


def shorten(uow: UnitOfWork, target: str, expires_at: datetime) -> str:
    """A code that leads to `target` until `expires_at`."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    uow.collection(COLLECTION).insert_one(
        {
            "_id": code,
            "target": uow.keyring.seal_json(target, f"short_link:{code}"),
            "expires_at": expires_at,
            "forget_at": expires_at,
        }
    )
    return code


def target_of(database: Database[dict[str, Any]], keyring: Keyring, code: str, now: datetime) -> str:
    """Where a code leads; raises NotFound or Gone. The code alone says which practice it belongs to."""
    found = database[COLLECTION].find_one({"_id": code})
    if found is None:
        raise NotFound("link", code)
    if found["expires_at"] <= now:
        raise Gone("link-expired", "This link has expired.")
    return str(keyring.open_json(found["target"], f"short_link:{code}"))
