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
from fractions import Fraction
from pathlib import Path

_COLUMNS = ("number", "x", "y", "demand", "ready time", "due date", "service time")
_MOST = Decimal(10) ** 9
"""No number of an instance is larger: all sums of a plan then fit 64 bits."""


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
        return [[_tenths_apart(one, other) for other in self.customers] for one in self.customers]


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
    _check(customers, capacity)
    return Instance(name, vehicles, capacity, tuple(customers))


def _tenths_apart(one: Customer, other: Customer) -> int:
    """Exact: a root taken in floating point could fall on the wrong side of a tenth."""
    square = Fraction(one.x - other.x) ** 2 + Fraction(one.y - other.y) ** 2
    return math.isqrt(math.floor(square * 100))


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
    if not value.is_finite() or abs(value) > _MOST:
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


def _check(customers: Sequence[Customer], capacity: int) -> None:
    """What no plan could mend is said at once, by name."""
    depot = customers[0]
    if depot.demand or depot.service:
        raise InstanceError("customer 0 is the depot: it has neither demand nor service time")
    for customer in customers:
        if customer.due < customer.ready:
            raise InstanceError(f"customer {customer.number} is due before it is ready")
        if customer.demand > capacity:
            raise InstanceError(f"customer {customer.number} demands more than a vehicle can carry ({capacity})")
        reached = max(tenths(depot.ready) + _tenths_apart(depot, customer), tenths(customer.ready))
        back = reached + tenths(customer.service) + _tenths_apart(customer, depot)
        if reached > tenths(customer.due) or back > tenths(depot.due):
            raise InstanceError(f"customer {customer.number} cannot be served in time even by a vehicle of its own")
