"""Which events exist: producer, topic, key, whether the payload identifies a person, and meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from fascia.contracts.event_schema import EventSchema

S = TypeVar("S", bound=EventSchema)
# Contract has a field named `type`, which would hide the builtin inside the class.
_SchemaClass: TypeAlias = type[EventSchema]


class UnknownEventType(LookupError):
    """No contract of this name is known to this build."""


@dataclass(frozen=True)
class Contract:
    """One event type. `key` names the payload field whose value is the Kafka key (the aggregate's id)."""

    schema: _SchemaClass
    type: str
    topic: str
    producer: str
    key: str
    phi: bool

    @property
    def meaning(self) -> str:
        """The first line of the schema's docstring."""
        return (self.schema.__doc__ or "").strip().splitlines()[0]


CATALOGUE: dict[str, Contract] = {}


def event(type_: str, *, producer: str, key: str, phi: bool) -> Callable[[type[S]], type[S]]:
    """Register a schema under an event type; the topic is the noun before the first dot."""

    def register(schema: type[S]) -> type[S]:
        if type_ in CATALOGUE:
            raise ValueError(f"{type_} is registered twice")
        CATALOGUE[type_] = Contract(schema, type_, f"fascia.{type_.split('.')[0]}", producer, key, phi)
        return schema

    return register


def contract(type_: str) -> Contract:
    """The contract of an event type; raises UnknownEventType."""
    try:
        return CATALOGUE[type_]
    except KeyError:
        raise UnknownEventType(type_) from None


def topics() -> list[str]:
    """Every topic of the suite, sorted: they are created before any service starts."""
    return sorted({known.topic for known in CATALOGUE.values()})
