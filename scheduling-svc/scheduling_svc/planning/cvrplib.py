"""Solutions in the .sol format of CVRPLIB: one line per route, then the cost."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

Routes = tuple[tuple[int, ...], ...]

_ROUTE = re.compile(r"route\s*#?\s*(\d+)\s*:(.*)", re.IGNORECASE)
_COST = re.compile(r"cost\s*:?\s*(\S+)", re.IGNORECASE)


class SolutionError(Exception):
    """A file that is no solution: what is wrong, and in which line."""


@dataclass(frozen=True)
class Solution:
    """Routes of customer numbers without the depot, and the cost that the file claims."""

    routes: Routes
    cost: Decimal


def read(path: Path) -> Solution:
    """The solution in a file; raises SolutionError naming the line, OSError when there is no such file."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SolutionError(f"it is no text ({error})") from None


def parse(text: str) -> Solution:
    """The solution in a text. Lines that are neither route nor cost are remarks of other programs and are skipped."""
    routes: list[tuple[int, ...]] = []
    cost: Decimal | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if route := _ROUTE.fullmatch(line.strip()):
            routes.append(_customers(route[2], number))
        elif found := _COST.fullmatch(line.strip()):
            cost = _decimal(found[1], number)
    if cost is None:
        raise SolutionError("there is no line with the cost")
    return Solution(tuple(routes), cost)


def text_of(routes: Sequence[Sequence[int]], cost: Decimal) -> str:
    """The file's text; routes are numbered from 1."""
    lines = [f"Route #{number}: {' '.join(map(str, route))}" for number, route in enumerate(routes, start=1)]
    return "\n".join([*lines, f"Cost {cost}", ""])


def write(path: Path, routes: Sequence[Sequence[int]], cost: Decimal) -> None:
    """Whole or not at all: who reads the folder meanwhile never meets half a file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text_of(routes, cost), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _customers(words: str, line: int) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in words.split())
    except ValueError:
        raise SolutionError(f"line {line}: a route is a list of customer numbers") from None


def _decimal(word: str, line: int) -> Decimal:
    try:
        return Decimal(word)
    except InvalidOperation:
        raise SolutionError(f"line {line}: the cost is no number: {word}") from None
