"""Short links in MongoDB. Where one leads is sealed: who reads the database cannot answer for a patient."""

from __future__ import annotations

import secrets
import string
from datetime import datetime
from typing import Any

from pymongo.database import Database

from fascia.crypto.keyring import Keyring
from fascia.store import Index, UnitOfWork

COLLECTION = "short_links"
INDEXES = (Index(COLLECTION, (("forget_at", 1),), expire_after=90 * 86_400),)
# 62 ** 12 codes: 71 bits, beyond guessing over HTTP.
_ALPHABET = string.ascii_letters + string.digits
CODE_LENGTH = 12


def shorten(uow: UnitOfWork, target: str, expires_at: datetime) -> str:
    """A code that leads to `target`, and is forgotten some time after `expires_at`."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    uow.collection(COLLECTION).insert_one(
        {
            "_id": code,
            "target": uow.keyring.seal_json(target, f"short_link:{code}"),
            "forget_at": expires_at,
        }
    )
    return code


def target_of(database: Database[dict[str, Any]], keyring: Keyring, code: str) -> str | None:
    """Where a code leads; None for an unknown one. The code alone says which practice it belongs to.

    An expired link is followed as well: the page that it leads to says so better.
    """
    found = database[COLLECTION].find_one({"_id": code})
    return None if found is None else str(keyring.open_json(found["target"], f"short_link:{code}"))
