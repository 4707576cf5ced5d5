"""Ids of imported resources: made of practice and source, so that the same line always means the same record."""

from __future__ import annotations

import uuid

# Any fixed UUID will do; it must never change, or a re-import would double everything.
_NAMESPACE = uuid.UUID("6f0e3a52-2f0b-5d0c-9b57-6a3f0d1f7c11")


def imported_id(practice_id: str, resource_type: str, source_id: str) -> str:
    """The id here of a resource there (UUID version 5)."""
    return str(uuid.uuid5(_NAMESPACE, f"{practice_id}/{resource_type}/{source_id}"))
