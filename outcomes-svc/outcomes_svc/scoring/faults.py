"""Why answers cannot be scored: each reason has a name, and says what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from outcomes_svc.instruments.instrument import Instrument, Item


class FaultCode(StrEnum):
    """Why a set of answers cannot be scored."""

    UNKNOWN_INSTRUMENT = "unknown_instrument"
    UNKNOWN_VERSION = "unknown_version"
    LICENCE_REQUIRED = "licence_required"
    MEASURED_TWICE = "measured_twice"
    NO_ANSWERS = "no_answers"
    MISSING_ITEM = "missing_item"
    TOO_FEW_ANSWERS = "too_few_answers"
    UNKNOWN_ITEM = "unknown_item"
    NOT_A_NUMBER = "not_a_number"
    NOT_AN_INTEGER = "not_an_integer"
    OUT_OF_RANGE = "out_of_range"


@dataclass(frozen=True)
class Fault:
    """One reason for a refusal; `item` is None where it concerns the answers as a whole."""

    code: FaultCode
    item: str | None
    message: str
    fix: str


@dataclass(frozen=True)
class Refused:
    """No score, and every reason for it."""

    faults: tuple[Fault, ...]


def unknown_instrument(id_: str, known: Iterable[str]) -> Refused:
    """The refusal of answers to an instrument that does not ship."""
    fault = Fault(
        FaultCode.UNKNOWN_INSTRUMENT,
        None,
        f"{id_} is not an instrument that can be scored.",
        f"Use one of {', '.join(known)}.",
    )
    return Refused((fault,))


def unknown_version(id_: str, version: str, known: Iterable[str]) -> Refused:
    """The refusal of answers to a version that does not ship: read by another one, they would mean something else."""
    fault = Fault(
        FaultCode.UNKNOWN_VERSION,
        None,
        f"{id_} has no version {version} that can be scored.",
        f"Name one of the versions {', '.join(known)}, or none for the newest.",
    )
    return Refused((fault,))


def licence_required(instrument: Instrument) -> Refused:
    """The refusal of answers to an instrument for which the practice has recorded no licence."""
    fault = Fault(
        FaultCode.LICENCE_REQUIRED,
        None,
        f"{instrument.id} is scored only for a practice that has a licence for it.",
        f"Record the practice's licence for {instrument.id}, or measure with another instrument.",
    )
    return Refused((fault,))


def measured_twice(id_: str) -> Refused:
    """The refusal of two different sets of answers in one session: neither is picked over the other."""
    fault = Fault(
        FaultCode.MEASURED_TWICE,
        None,
        f"{id_} was answered twice in one session, with different answers.",
        "Amend the session so that it holds one set of answers.",
    )
    return Refused((fault,))


def missing(item: Item) -> Fault:
    """An item that is needed has no answer."""
    fix = f"Choose a number from {item.lowest} to {item.highest}."
    return Fault(FaultCode.MISSING_ITEM, item.code, "This question has no answer yet.", fix)


def no_answers(items: Iterable[Item]) -> Fault:
    """Nothing was answered, where something must be."""
    codes = ", ".join(item.code for item in items)
    return Fault(FaultCode.NO_ANSWERS, None, "There is no answer at all.", f"Answer these items: {codes}.")


def too_few(open_items: Iterable[str], answered: int, needed: int, of: int) -> Fault:
    """Fewer items were answered than a score can be made of."""
    message = f"Only {answered} of {of} questions are answered; at least {needed} are needed."
    return Fault(FaultCode.TOO_FEW_ANSWERS, None, message, f"Answer more of these items: {', '.join(open_items)}.")


def unknown_items(instrument: Instrument, given: Mapping[str, object]) -> list[Fault]:
    """Answers to items that the instrument does not have."""
    known = instrument.item_codes
    if known.issuperset(given):
        return []
    fix = f"The items of {instrument.id} are {', '.join(sorted(known))}."
    return [
        Fault(FaultCode.UNKNOWN_ITEM, code, f"{instrument.id} has no such item.", fix)
        for code in sorted(set(given) - known)
    ]
