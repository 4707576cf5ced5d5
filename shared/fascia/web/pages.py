"""Cursor pages: a page says where the next one starts, so that inserts between two calls shift nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate

from fascia.web.schemas import RequestSchema

if TYPE_CHECKING:
    from fascia.store.tenant_collection import TenantCollection

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_MARK = "1:"  # the version of the cursor's form


class CursorField(fields.String):
    """An opaque position; loads to the id after which the page starts."""

    fix = "Send the next_cursor of the page before, unchanged, or leave it out for the first page."

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return read_cursor(super()._deserialize(value, attr, data, **kwargs))


class PageQuerySchema(RequestSchema):
    """The query of a list; a route with filters of its own subclasses it."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(1, MAX_LIMIT),
        metadata={"description": "how many items at most"},
    )
    cursor = CursorField(load_default=None, metadata={"description": "next_cursor of the page before"})


@cache
def page_of(schema: type[Schema]) -> type[Schema]:
    """The schema of a page of `schema`: {items, next_cursor}; next_cursor is null on the last page."""
    name = schema.__name__.removesuffix("Schema") + "Page"
    members = {
        "items": fields.List(fields.Nested(schema), required=True),
        "next_cursor": fields.String(allow_none=True, required=True),
        "__doc__": f"A page of {schema.__name__.removesuffix('Schema')} items.",
    }
    return type(name, (Schema,), members)


def find_page(
    collection: TenantCollection,
    filter: Mapping[str, Any],
    query: Mapping[str, Any],
    *,
    newest_first: bool = False,
) -> tuple[list[dict[str, Any]], str | None]:
    """One page in the order of `_id` (ids sort by the time they were made), and the cursor of the next one."""
    wanted = int(query["limit"])
    after = query.get("cursor")
    clauses = [dict(filter)] if filter else []
    if after is not None:
        clauses.append({"_id": {"$lt" if newest_first else "$gt": after}})
    bounded = {"$and": clauses} if len(clauses) > 1 else (clauses[0] if clauses else {})
    documents = collection.find(bounded, sort=[("_id", -1 if newest_first else 1)], limit=wanted + 1)
    page = documents[:wanted]
    more = len(documents) > wanted
    return page, write_cursor(str(page[-1]["_id"])) if more else None


def write_cursor(last_id: str) -> str:
    """The opaque form of a position."""
    return base64.urlsafe_b64encode((_MARK + last_id).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """The position in a cursor; raises ValidationError for anything that `write_cursor` did not make."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        text = ""
    if not text.startswith(_MARK) or len(text) > 512 or write_cursor(text.removeprefix(_MARK)) != cursor:
        raise ValidationError("Not a cursor of this list.")
    return text.removeprefix(_MARK)
