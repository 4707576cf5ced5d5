"""States and territories of the United States: name, postal code, and the time zone of most of each."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class State(NamedTuple):
    """`several_zones`: part of the state keeps another time than `zone`."""

    name: str
    code: str
    zone: str
    several_zones: bool


@cache
def _by_name_and_code() -> dict[str, State]:
    rows = json.loads(files(__package__).joinpath("us_states.json").read_text())
    states = [State(**row) for row in rows]
    return {key.casefold(): state for state in states for key in (state.name, state.code)}


def state_of(text: str) -> State | None:
    """The state that a name or a code means, or None."""
    return _by_name_and_code().get(" ".join(text.split()).casefold())
