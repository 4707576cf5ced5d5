"""Reader of instances in Solomon's format, plain or gzipped.

Source of the format: M. M. Solomon, Algorithms for the vehicle routing and scheduling problems with time window
constraints, Operations Research 35(2), 1987. Customer 0 is the depot; the travel time between two customers equals
their distance.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

_COLUMNS = ("number", "x", "y", "demand", "ready time", "due date", "service time")
_MOST = Decimal(10) ** 9
"""No number of an instance is larger: all sums of a plan then fit 64 bits."""
_FINEST = 9
"""Digits behind the point of a coordinate."""


class InstanceError(Exception):
    """A file that is no instance: what is wrong, and in which line."""


@dataclass(frozen=True)
class Customer:
    """One row: a place, what is brought there, from when to when service may begin, and how long it takes."""

    number: int
    x: Decimal
    y: Decimal
    demand: int
    ready: Decimal
    due: Decimal
    service: Decimal


@dataclass(frozen=True)
class Instance:
    """A vehicle routing problem with time windows; `customers[0]` is the depot and its window is the horizon."""

    name: str
    vehicles: int
    capacity: int
    customers: tuple[Customer, ...]

    def distances(self) -> list[list[int]]:
        """Tenths, each truncated: the convention of CVRPLIB and of the DIMACS challenge for Solomon's instances."""
        scale = 10 ** max(_places(value) for row in self.customers for value in (row.x, row.y))
        points = [(int(row.x * scale), int(row.y * scale)) for row in self.customers]
        return [[_tenths_apart(one, other, scale) for other in points] for one in points]


def tenths(value: Decimal) -> int:
    """A time of an instance in tenths; its reader makes sure that none is finer."""
    return int(value * 10)


def read(path: Path) -> Instance:
    """The instance in a file; raises InstanceError naming the line, OSError when there is no such file."""
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig")
    except (EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise InstanceError(f"it is neither text nor gzipped text ({error})") from None
    return parse(text)


def parse(text: str) -> Instance:
    """The instance in a text; raises InstanceError naming the line."""
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise InstanceError("it is empty; the first line of an instance is its name")
    rest = iter(lines)
    name = " ".join(next(rest)[1])
    vehicles, capacity = _fleet(rest)
    customers = _customers(rest)
    instance = Instance(name, vehicles, capacity, tuple(customers))
    _check(instance)
    return instance


def _places(value: Decimal) -> int:
    """Digits behind the point."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _tenths_apart(one: tuple[int, int], other: tuple[int, int], scale: int) -> int:
    """Exact, by whole numbers: a root taken in floating point could fall on the wrong side of a tenth."""
    square = (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2
    return math.isqrt(square * 100 // scale**2)


def _fleet(rest: Iterator[tuple[int, list[str]]]) -> tuple[int, int]:
    line = _skip_to("VEHICLE", rest)
    line = _skip_to("NUMBER", rest, line)
    line, words = next(rest, (line, []))
    if len(words) != 2:
        raise InstanceError(f"line {line}: the number of vehicles and their capacity are expected here")
    vehicles, capacity = (_whole(word, line, what) for word, what in zip(words, ("number", "capacity"), strict=True))
    if vehicles < 1:
        raise InstanceError(f"line {line}: there is no vehicle")
    return vehicles, capacity


def _customers(rest: Iterator[tuple[int, list[str]]]) -> list[Customer]:
    line = _skip_to("CUSTOMER", rest)
    next(rest, None)  # the names of the columns
    customers = [_customer(line, words, expected) for expected, (line, words) in enumerate(rest)]
    if len(customers) < 2:
        raise InstanceError(f"line {line}: after CUSTOMER come the depot, which is number 0, and at least one customer")
    return customers


def _skip_to(word: str, rest: Iterator[tuple[int, list[str]]], line: int = 1) -> int:
    found, words = next(rest, (line, []))
    if not words or words[0].upper() != word:
        raise InstanceError(f"line {found}: {word} is expected here, as in Solomon's format")
    return found


def _customer(line: int, words: Sequence[str], expected: int) -> Customer:
    if len(words) != len(_COLUMNS):
        raise InstanceError(f"line {line}: {len(_COLUMNS)} numbers are expected ({', '.join(_COLUMNS)})")
    values = dict(zip(_COLUMNS, words, strict=True))
    if _whole(values["number"], line, "number") != expected:
        raise InstanceError(f"line {line}: customer {expected} is expected here, not {values['number']}")
    return Customer(
        expected,
        _number(values["x"], line, "x"),
        _number(values["y"], line, "y"),
        _whole(values["demand"], line, "demand"),
        _time(values["ready time"], line, "ready time"),
        _time(values["due date"], line, "due date"),
        _time(values["service time"], line, "service time"),
    )


def _number(word: str, line: int, what: str) -> Decimal:
    try:
        value = Decimal(word)
    except InvalidOperation:
        raise InstanceError(f"line {line}: {what} is no number: {word}") from None
    if not value.is_finite() or abs(value) > _MOST or _places(value) > _FINEST:
        raise InstanceError(f"line {line}: {what} is out of range: {word}")
    return value


def _whole(word: str, line: int, what: str) -> int:
    value = _number(word, line, what)
    if value < 0 or value != int(value):
        raise InstanceError(f"line {line}: {what} must be a whole number that is not negative, not {word}")
    return int(value)


def _time(word: str, line: int, what: str) -> Decimal:
    value = _number(word, line, what)
    if value < 0 or value * 10 != int(value * 10):
        raise InstanceError(f"line {line}: {what} must not be negative or finer than a tenth: {word}")
    return value


def _check(instance: Instance) -> None:
    """What no plan could mend is said at once, by name."""
    depot = instance.customers[0]
    if depot.demand or depot.service:
        raise InstanceError("customer 0 is the depot: it has neither demand nor service time")
    legs = instance.distances()
    for customer in instance.customers:
        number = customer.number
        if customer.due < customer.ready:
            raise InstanceError(f"customer {number} is due before it is ready")
        if customer.demand > instance.capacity:
            raise InstanceError(f"customer {number} demands more than a vehicle can carry ({instance.capacity})")
        reached = max(tenths(depot.ready) + legs[0][number], tenths(customer.ready))
        back = reached + tenths(customer.service) + legs[number][0]
        if reached > tenths(customer.due) or back > tenths(depot.due):
            raise InstanceError(f"customer {number} cannot be served in time even by a vehicle of its own")
