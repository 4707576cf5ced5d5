"""docs/asyncapi.json is generated; a change of the catalogue that it does not show fails here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fascia.contracts import CATALOGUE
from fascia.contracts.asyncapi import render

DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.json"


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(render())


def test_the_document_in_docs_is_the_one_the_catalogue_gives() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), (
        "python -m fascia.contracts.asyncapi --to docs/asyncapi.json, and look at the difference"
    )


def test_every_event_is_a_message_of_the_channel_that_carries_it(document: Any) -> None:
    carried = {name for channel in document["channels"].values() for name in channel["messages"]}
    assert carried == set(CATALOGUE)


def test_every_event_is_sent_by_its_producer(document: Any) -> None:
    sent = {
        (name.split(".")[0], message["$ref"].rsplit("/", 1)[-1])
        for name, operation in document["operations"].items()
        for message in operation["messages"]
    }
    assert sent == {(known.producer, known.type) for known in CATALOGUE.values()}


def test_what_identifies_a_person_is_said_to_travel_sealed(document: Any) -> None:
    sealed = {
        name for name, message in document["components"]["messages"].items() if "sealed" in message["contentType"]
    }
    assert sealed == {known.type for known in CATALOGUE.values() if known.phi}


def test_every_reference_points_somewhere(document: Any) -> None:
    for reference in _references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, reference
            place = place[part]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []
