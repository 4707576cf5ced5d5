"""The small parts of a FHIR item: codes, answer options, limits, labels of the ends. Pure, and forgiving of shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/"
# Where forms keep the number of an answer: R4's name, R5's name, and the one that was used before both.
_WEIGHTS = tuple(_EXTENSIONS + name for name in ("ordinalValue", "itemWeight", "questionnaire-ordinalValue"))
_CONTROL = _EXTENSIONS + "questionnaire-itemControl"


class Coding(NamedTuple):
    """A code and the system that gives it its meaning."""

    system: str
    code: str


@dataclass(frozen=True, kw_only=True)
class FhirOption:
    """One answer. `weight` is the number that the resource itself gives it, or None."""

    label: str
    coding: Coding | None
    weight: float | None


def text_of(raw: Mapping[str, Any], name: str) -> str:
    """A text field, trimmed; empty where it is missing or no text."""
    value = raw.get(name)
    return value.strip() if isinstance(value, str) else ""


def objects(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list; whatever else is in it is left out."""
    value = raw.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def codings(raw: Mapping[str, Any], name: str = "code") -> tuple[Coding, ...]:
    """The codes of a resource or an item."""
    found = (Coding(text_of(each, "system"), text_of(each, "code")) for each in objects(raw, name))
    return tuple(coding for coding in found if coding.code)


def options_of(
    raw: Mapping[str, Any], contained: Mapping[str, Mapping[str, Any]]
) -> tuple[tuple[FhirOption, ...], str | None]:
    """The answers of an item, and the address of the value set that holds them where that is not in the resource."""
    listed = objects(raw, "answerOption")
    reference = text_of(raw, "answerValueSet")
    if listed or not reference:
        return tuple(_option(each) for each in listed), None
    value_set = contained.get(reference.removeprefix("#"))
    if value_set is None:
        return (), reference
    return tuple(_concept(each) for each in _concepts(value_set)), None


def limit(raw: Mapping[str, Any], name: str) -> float | None:
    """The smallest or largest number that an item takes, from the extension minValue or maxValue."""
    return next(
        (number for each in _extensions(raw, _EXTENSIONS + name) if (number := _number(each)) is not None), None
    )


def anchor_labels(raw: Mapping[str, Any]) -> tuple[str, str]:
    """The labels of both ends of a scale: display items within the item, marked `lower` and `upper`."""
    labels = {"lower": "", "upper": ""}
    for inner in objects(raw, "item"):
        for control in _extensions(inner, _CONTROL):
            concept = control.get("valueCodeableConcept")
            for coding in codings(concept, "coding") if isinstance(concept, Mapping) else ():
                if coding.code in labels:
                    labels[coding.code] = text_of(inner, "text")
    return labels["lower"], labels["upper"]


def _concepts(value_set: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    expansion, compose = value_set.get("expansion"), value_set.get("compose")
    if isinstance(expansion, Mapping):
        yield from objects(expansion, "contains")
    elif isinstance(compose, Mapping):
        for include in objects(compose, "include"):
            for concept in objects(include, "concept"):
                yield {"system": include.get("system"), **concept}


def _concept(raw: Mapping[str, Any]) -> FhirOption:
    return FhirOption(
        label=text_of(raw, "display"), coding=Coding(text_of(raw, "system"), text_of(raw, "code")), weight=_weight(raw)
    )


def _option(raw: Mapping[str, Any]) -> FhirOption:
    weight, coded = _weight(raw), raw.get("valueCoding")
    if isinstance(coded, Mapping):
        concept = _concept(coded)
        return FhirOption(
            label=concept.label, coding=concept.coding, weight=concept.weight if weight is None else weight
        )
    number = _numeric(raw.get("valueInteger"))
    label = text_of(raw, "valueString") or (f"{number:g}" if number is not None else "")
    return FhirOption(label=label, coding=None, weight=number if weight is None else weight)


def _weight(raw: Mapping[str, Any]) -> float | None:
    found = (_number(each) for url in _WEIGHTS for each in _extensions(raw, url))
    return next((number for number in found if number is not None), None)


def _extensions(raw: Mapping[str, Any], url: str) -> list[Mapping[str, Any]]:
    return [each for each in objects(raw, "extension") if each.get("url") == url]


def _number(extension: Mapping[str, Any]) -> float | None:
    return next(
        (number for name in ("valueDecimal", "valueInteger") if (number := _numeric(extension.get(name))) is not None),
        None,
    )


def _numeric(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
