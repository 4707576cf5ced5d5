"""The AsyncAPI 3.0 document of the event catalogue, rendered the same way every time.

python -m fascia.contracts.asyncapi --to docs/asyncapi.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from fascia.contracts import CATALOGUE, Contract, topics

_SEALED = "application/vnd.fascia.sealed+json"
_PLAIN = "application/json"
_HEADERS = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka binary binding.",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_practiceid", "content-type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "a consumer takes effect of it once"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string", "description": "the service that published it"},
        "ce_subject": {"type": "string", "description": "the record's key"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_practiceid": {"type": "string"},
        "ce_sequence": {"type": "string", "description": "the aggregate's version: the order within a key"},
        "ce_causationid": {"type": "string", "description": "the event whose handling caused this one"},
        "ce_backfill": {"const": "true", "description": "history told again: nobody is messaged"},
        "ce_keyid": {"type": "string", "description": "the key that sealed the payload"},
        "content-type": {"enum": [_PLAIN, _SEALED]},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
    },
}


def render() -> str:
    """The document as JSON text with sorted names, ending in a line feed."""
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Fascia events",
            "version": "v1",
            "description": "Changes are additive: a new optional field. Anything else is a new type.",
        },
        "defaultContentType": _PLAIN,
        "channels": {topic: _channel(topic) for topic in topics()},
        "operations": _operations(),
        "components": {
            "messages": {known.type: _message(known) for known in _known()},
            "schemas": _schemas() | {"CloudEventHeaders": _HEADERS},
        },
    }
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _known() -> list[Contract]:
    return sorted(CATALOGUE.values(), key=lambda known: known.type)


def _channel(topic: str) -> dict[str, Any]:
    of_topic = [known for known in _known() if known.topic == topic]
    return {
        "address": topic,
        "messages": {known.type: {"$ref": f"#/components/messages/{known.type}"} for known in of_topic},
    }


def _operations() -> dict[str, Any]:
    sends: dict[str, dict[str, Any]] = {}
    for known in _known():
        operation = sends.setdefault(
            f"{known.producer}.{known.topic}",
            {
                "action": "send",
                "channel": {"$ref": f"#/channels/{known.topic}"},
                "summary": f"{known.producer} publishes",
                "messages": [],
            },
        )
        operation["messages"].append({"$ref": f"#/channels/{known.topic}/messages/{known.type}"})
    return sends


def _message(known: Contract) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": known.type,
        "summary": known.meaning,
        "contentType": _SEALED if known.phi else _PLAIN,
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{known.schema.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": known.key}}},
        "x-identifies-a-person": known.phi,
    }
    if known.phi:
        message["description"] = "The payload travels sealed (AES-GCM); the schema is that of the opened payload."
    return message


def _schemas() -> dict[str, Any]:
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name_of(schema))
    spec = APISpec("events", "v1", "3.1.0", plugins=[plugin])
    for known in _known():
        spec.components.schema(known.schema.__name__, schema=known.schema)
    schemas: dict[str, Any] = spec.to_dict()["components"]["schemas"]
    for known in _known():
        schemas[known.schema.__name__]["description"] = known.meaning
    return schemas


def _name_of(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the document."""
    parser = argparse.ArgumentParser(prog="python -m fascia.contracts.asyncapi", description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True, help="path of the document")
    options = parser.parse_args(arguments)
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
