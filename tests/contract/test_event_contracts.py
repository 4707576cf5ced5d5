"""Old events must load for ever: each golden file is an event as it was once published, and is never edited.

`TYPE.v1.json` has every field that the type had; `TYPE.v1.least.json` has only those that were required, so that a
field that becomes required later fails here too. `TYPE.v1.with_FIELD.json` is the type once an
optional field was added.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fascia.contracts import CATALOGUE, contract

GOLDEN = Path(__file__).parent / "golden"
FULL = sorted(path.name.removesuffix(".v1.json") for path in GOLDEN.glob("*.v1.json"))
LEAST = sorted(path.name.removesuffix(".v1.least.json") for path in GOLDEN.glob("*.v1.least.json"))
LATER = sorted(path.name for path in GOLDEN.glob("*.v1.with_*.json"))


def _golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("type_", sorted(CATALOGUE))
def test_every_event_type_has_its_golden_files(type_: str) -> None:
    assert type_ in FULL
    assert type_ in LEAST


@pytest.mark.parametrize("type_", FULL)
def test_an_old_event_loads_and_keeps_every_value(type_: str) -> None:
    golden = _golden(f"{type_}.v1.json")
    schema = contract(type_).schema()
    again = schema.dump(schema.load(golden))
    assert {name: again.get(name) for name in golden} == golden


@pytest.mark.parametrize("name", LATER)
def test_a_field_that_was_added_later_keeps_its_value(name: str) -> None:
    golden = _golden(name)
    schema = contract(name.split(".v1.")[0]).schema()
    again = schema.dump(schema.load(golden))
    assert {field: again.get(field) for field in golden} == golden


@pytest.mark.parametrize("type_", LEAST)
def test_an_old_event_with_only_what_was_required_still_loads(type_: str) -> None:
    assert contract(type_).schema().load(_golden(f"{type_}.v1.least.json"))


@pytest.mark.parametrize("type_", FULL)
def test_a_field_from_the_future_is_no_obstacle(type_: str) -> None:
    contract(type_).schema().load({**_golden(f"{type_}.v1.json"), "from_the_future": {"a": 1}})


@pytest.mark.parametrize("type_", sorted(CATALOGUE))
def test_the_key_is_a_required_field_of_the_payload(type_: str) -> None:
    known = contract(type_)
    assert known.schema().fields[known.key].required
