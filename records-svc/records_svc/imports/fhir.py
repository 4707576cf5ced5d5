"""Reading FHIR R4 JSON that may be anything: every accessor gives a value of the promised type or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from records_svc.chart.chart import Code

Resource = Mapping[str, Any]

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=T|\Z)")
_LONGEST_TEXT = 250
GEOLOCATION = "http://hl7.org/fhir/StructureDefinition/geolocation"


class Unusable(Exception):
    """A resource that cannot be taken in: why, which element, and what to do about it."""

    def __init__(self, reason: str, field: str, fix: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.fix = fix


def source_id(resource: Resource) -> str:
    """The id that the source gave the resource."""
    found = text(resource.get("id"))
    if found is None or not _ID.match(found):
        raise Unusable(
            "The resource has no usable id.", "id", "Export it with its id: without it a re-import would double it."
        )
    return found


def text(value: Any) -> str | None:
    """A non-empty string without surrounding space, or None; raises Unusable for one of an absurd length."""
    if not isinstance(value, str) or not value.strip():
        return None
    if len(value) > _LONGEST_TEXT:
        raise Unusable("A text is longer than 250 characters.", "", "Shorten it at the source.")
    return value.strip()


def texts(value: Any) -> list[str]:
    """The non-empty strings of a list."""
    return [found for found in map(text, value if isinstance(value, list) else []) if found]


def objects(value: Any) -> list[Resource]:
    """The objects of a list, or of the one object that stands where a list should."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]


def child(value: Any, name: str) -> Resource:
    """An element that is an object, or an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def day(value: Any) -> date | None:
    """The day of a FHIR date or dateTime; None for a year or a month alone, and for what is no date."""
    found = _DAY.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return date.fromisoformat(found[0])
    except ValueError:
        return None


def referred_id(reference: Any) -> str | None:
    """The id in a reference: urn:uuid:X, Type/X, or an address that ends in Type/X (with or without a version)."""
    target = text(reference.get("reference")) if isinstance(reference, dict) else None
    if target is None:
        return None
    path = target.split("/_history/")[0].removeprefix("urn:uuid:").removeprefix("urn:oid:")
    last = path.rsplit("/", 1)[-1]
    return last if _ID.match(last) else None


def code_of(concept: Any, field: str, *, prefer: str = "") -> Code:
    """The meaning of a CodeableConcept: the coding of the preferred system, else the first one, else its text."""
    if not isinstance(concept, dict):
        raise Unusable("It does not say what it is about.", field, "Export it with its code.")
    codings = [coding for coding in objects(concept.get("coding")) if text(coding.get("code"))]
    codings.sort(key=lambda coding: coding.get("system") != prefer)
    written = text(concept.get("text"))
    if codings:
        first = codings[0]
        display = text(first.get("display")) or written or str(first["code"])
        return Code(text(first.get("system")), text(first["code"]), display)
    if written:
        return Code(None, None, written)
    raise Unusable("It has neither a code nor a text.", field, "Export it with its code.")


def status_of(concept: Any, default: str = "unknown") -> str:
    """The code of a status that FHIR writes as a CodeableConcept."""
    for coding in objects(child({"concept": concept}, "concept").get("coding")):
        if code := text(coding.get("code")):
            return code
    return default


def one_of(value: Any, allowed: frozenset[str], field: str) -> str:
    """A code of a required FHIR value set."""
    if value not in allowed:
        raise Unusable(f"{field} is not one of FHIR's codes.", field, f"Send one of: {', '.join(sorted(allowed))}.")
    return str(value)


def number(value: Any) -> float | None:
    """A number, or None."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def extension(value: Any, url: str) -> Resource:
    """The extension of a url, or an empty one."""
    if not isinstance(value, dict):
        return {}
    return next((found for found in objects(value.get("extension")) if found.get("url") == url), {})
