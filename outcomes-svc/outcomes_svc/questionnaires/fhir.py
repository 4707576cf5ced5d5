"""A FHIR R4 Questionnaire as it comes in: its questions, flat and in order, or a refusal that names each fault. Pure.

Source: HL7 FHIR 4.0.1, Questionnaire; the extensions are FHIR's own (ordinalValue, minValue, maxValue, itemControl).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fascia.problem import FieldError, Problem
from outcomes_svc.questionnaires.fhir_parts import (
    Coding,
    FhirOption,
    anchor_labels,
    codings,
    limit,
    objects,
    options_of,
    text_of,
)

R4_TYPES = frozenset(
    ("group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url",
     "choice", "open-choice", "attachment", "reference", "quantity")
)  # fmt: skip
MAX_ITEMS = 500
MAX_DEPTH = 10
MAX_TEXT = 4_000
_ASKS_NOTHING = ("group", "display")
_R4 = "Send a FHIR R4 (4.0.1) Questionnaire."


class QuestionnaireRefused(Problem):
    """422: the resource cannot be used as wording; every reason is named with its place."""

    status = 422

    def __init__(self, faults: Sequence[FieldError]) -> None:
        detail = "The questionnaire cannot be imported; nothing was stored."
        super().__init__("questionnaire-refused", detail, errors=faults)


@dataclass(frozen=True, kw_only=True)
class FhirItem:
    """One question. `path` is its place in the resource, `lead` the text of the innermost group around it."""

    link_id: str
    path: str
    type: str
    text: str
    lead: str
    codes: tuple[Coding, ...]
    options: tuple[FhirOption, ...]
    elsewhere: str | None
    minimum: float | None
    maximum: float | None
    lowest_label: str
    highest_label: str


@dataclass(frozen=True, kw_only=True)
class FhirQuestionnaire:
    """What is used of a resource. `language` is a BCP 47 tag, or None where the resource says none."""

    title: str
    url: str
    language: str | None
    codes: tuple[Coding, ...]
    items: tuple[FhirItem, ...]

    def item(self, link_id: str) -> FhirItem | None:
        """The question with this linkId, or None."""
        return next((item for item in self.items if item.link_id == link_id), None)


class _Place(NamedTuple):
    raw: Mapping[str, Any]
    path: str
    lead: str
    depth: int


def read_questionnaire(resource: object) -> FhirQuestionnaire:
    """The questions of a resource; raises QuestionnaireRefused with every fault and its place."""
    if not isinstance(resource, Mapping):
        raise QuestionnaireRefused([FieldError("", "The body is not a JSON object.", _R4)])
    if resource.get("resourceType") != "Questionnaire":
        message = "It is not a Questionnaire."
        raise QuestionnaireRefused([FieldError("resourceType", message, f"{_R4} resourceType says Questionnaire.")])
    faults = list(_version_faults(resource))
    if not faults:
        places = list(_places(resource, faults))
        faults += _item_faults(places)
    if faults:
        raise QuestionnaireRefused(faults)
    contained = {text_of(each, "id"): each for each in objects(resource, "contained")}
    return FhirQuestionnaire(
        title=text_of(resource, "title") or text_of(resource, "name"),
        url=text_of(resource, "url"),
        language=text_of(resource, "language") or None,
        codes=codings(resource),
        items=tuple(_item(place, contained) for place in places if place.raw["type"] not in _ASKS_NOTHING),
    )


def _version_faults(resource: Mapping[str, Any]) -> Iterator[FieldError]:
    if "group" in resource:
        yield FieldError("group", "A DSTU2 Questionnaire keeps its questions in `group`.", _R4)
    if not objects(resource, "item"):
        yield FieldError("item", "There are no questions.", "Send the questions as a list of objects in `item`.")
    language = resource.get("language")
    if language is not None and not (isinstance(language, str) and 2 <= len(language) <= 35):
        yield FieldError("language", "It is not a language tag.", "Send a BCP 47 tag such as en or es-US.")


def _places(resource: Mapping[str, Any], faults: list[FieldError]) -> Iterator[_Place]:
    stack = [_Place(raw, f"item.{n}", "", 1) for n, raw in enumerate(objects(resource, "item"))]
    stack.reverse()
    seen = 0
    while stack:
        place = stack.pop()
        seen += 1
        if seen > MAX_ITEMS or place.depth > MAX_DEPTH:
            fix = f"Import it in parts of at most {MAX_ITEMS} items, {MAX_DEPTH} levels deep."
            faults.append(FieldError(place.path, "There are too many items, or they are nested too deeply.", fix))
            return
        yield place
        # A question's own text leads its follow-up questions no less than a group's text leads its questions.
        lead = text_of(place.raw, "text") or place.lead
        inner = [
            _Place(raw, f"{place.path}.item.{n}", lead, place.depth + 1)
            for n, raw in enumerate(objects(place.raw, "item"))
        ]
        stack.extend(reversed(inner))


def _item_faults(places: Sequence[_Place]) -> list[FieldError]:
    faults = [fault for place in places for fault in _faults_of(place)]
    count = Counter(text_of(place.raw, "linkId") for place in places)
    for place in places:
        link_id = text_of(place.raw, "linkId")
        if link_id and count[link_id] > 1:
            message = f"The linkId {link_id[:80]!r} is there {count[link_id]} times."
            faults.append(FieldError(f"{place.path}.linkId", message, "Give every item a linkId of its own."))
    return faults


def _faults_of(place: _Place) -> Iterator[FieldError]:
    raw, path = place.raw, place.path
    if not 1 <= len(text_of(raw, "linkId")) <= 255:
        yield FieldError(f"{path}.linkId", "It is missing or no text.", "Give the item one of 1 to 255 characters.")
    if "option" in raw or "options" in raw:
        yield FieldError(path, "`option` is STU3; R4 has `answerOption` and `answerValueSet`.", _R4)
    kind = raw.get("type")
    if kind in ("coding", "question"):
        yield FieldError(f"{path}.type", f"An item of type {kind} is R5; R4 says choice or open-choice.", _R4)
    elif kind not in R4_TYPES:
        fix = f"Send one of: {', '.join(sorted(R4_TYPES))}."
        yield FieldError(f"{path}.type", "It is missing or no type of R4.", fix)
    if len(text_of(raw, "text")) > MAX_TEXT:
        fix = f"Send at most {MAX_TEXT} characters."
        yield FieldError(f"{path}.text", "The text is too long.", fix)


def _item(place: _Place, contained: Mapping[str, Mapping[str, Any]]) -> FhirItem:
    raw = place.raw
    options, elsewhere = options_of(raw, contained)
    low, high = anchor_labels(raw)
    return FhirItem(
        link_id=text_of(raw, "linkId"),
        path=place.path,
        type=raw["type"],
        text=text_of(raw, "text") or text_of(raw, "prefix"),
        lead=place.lead,
        codes=codings(raw),
        options=options,
        elsewhere=elsewhere,
        minimum=limit(raw, "minValue"),
        maximum=limit(raw, "maxValue"),
        lowest_label=low,
        highest_label=high,
    )
