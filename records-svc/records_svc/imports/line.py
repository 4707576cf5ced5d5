"""The lines of an NDJSON chunk, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from records_svc.imports.fhir import Resource, Unusable


class Outcome(StrEnum):
    """What became of a line."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class LineResult:
    """What became of one line. `field`, `reason` and `fix` say why it was rejected; `remarks` what was left out."""

    line: int
    outcome: Outcome
    resource_type: str | None = None
    source_id: str | None = None
    id: str | None = None
    field: str | None = None
    reason: str | None = None
    fix: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line that is a JSON object; its type and id may still be missing."""

    number: int
    resource: Resource

    @property
    def resource_type(self) -> str | None:
        """FHIR's name of what it is."""
        found = self.resource.get("resourceType")
        return found[:64] if isinstance(found, str) else None

    @property
    def source_id(self) -> str | None:
        """The id as the source wrote it, for reports."""
        found = self.resource.get("id")
        return found[:64] if isinstance(found, str) else None

    def rejected(self, refusal: Unusable) -> LineResult:
        """This line, refused."""
        return LineResult(
            line=self.number,
            outcome=Outcome.REJECTED,
            resource_type=self.resource_type,
            source_id=self.source_id,
            field=refusal.field,
            reason=refusal.reason,
            fix=refusal.fix,
        )


def lines_of(chunk: bytes, first: int) -> Iterator[Line | LineResult]:
    """The chunk's lines in order, numbered from `first`; blank ones are skipped, unreadable ones are results."""
    for number, raw in enumerate(chunk.split(b"\n"), first):
        if not raw.strip():
            continue
        try:
            yield Line(number, _object(raw))
        except Unusable as refusal:
            yield Line(number, {}).rejected(refusal)


def _object(raw: bytes) -> Resource:
    try:
        value: Any = json.loads(raw.decode("utf-8"), parse_constant=_no_number)
        # Half a surrogate pair loads but cannot be written again: no database and no event could hold it.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise Unusable(f"Byte {error.start + 1} is not UTF-8.", "", "Export the file in UTF-8.") from None
    except UnicodeEncodeError:
        raise Unusable("A \\u escape names half a character.", "", "Export the file in UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Unusable(
            f"The line is cut off or not JSON: {error.msg} at column {error.colno}.", "", "Export this resource again."
        ) from None
    except RecursionError:
        raise Unusable("The line is nested too deeply.", "", "Export this resource again.") from None
    if not isinstance(value, dict):
        raise Unusable("The line is not a JSON object.", "", "Each line is one FHIR resource.")
    return value


def _no_number(name: str) -> Any:
    raise Unusable(f"{name} is not a JSON number.", "", "Export this resource again.")
