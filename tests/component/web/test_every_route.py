"""Every route of every service, found in its own OpenAPI document: closed to strangers, and no input breaks it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from fascia.ids import new_id
from fascia.testing.harness import Harness
from fascia.web.openapi import render_service
from fascia.web.principal import Role

PACKAGES = ("notify_svc", "outcomes_svc", "records_svc", "scheduling_svc")
STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**18,
    0.5,
    "",
    "\u0000",
    "x" * 3000,
    "2027-02-30",
    "0001-01-01T00:00",
    "9999-12-31T23:59:59-14:00",
    "../../etc",
    "$where",
    [],
    [None],
    [{}],
    {},
    {"$gt": ""},
)


TEXTS = (
    ("E.164", "+16175550123"),
    ("IANA", "America/New_York"),
    ("wall time", "2027-01-12T09:00"),
    ("ICD-10", "M54.50"),
    ("HH:MM", "09:00"),
)
NAMES = {"email": "someone@example.org", "language": "en", "npi": "1234567893", "state": "MA"}
FORMATS = {"date": "2027-01-11", "date-time": "2027-01-12T14:00:00Z", "email": "someone@example.org", "time": "09:00"}


def sample(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A plausible value of a schema, so that a strange one beside it gets as far as the rules."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if inner := schema.get("anyOf") or schema.get("allOf"):
        return sample(inner[0], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return {"pain": sample(schema["additionalProperties"], schemas)}
    if kind == "object":
        return {name: NAMES.get(name) or sample(each, schemas) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items", {}), schemas)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    described = schema.get("description", "")
    text = next((text for word, text in TEXTS if word in described), "lower_back")
    return FORMATS.get(schema.get("format", ""), text)[: schema.get("maxLength", 200)]


class Operation:
    """One method of one path."""

    def __init__(
        self, method: str, path: str, described: dict[str, Any], schemas: dict[str, Any], numbers: set[str]
    ) -> None:
        self.method = method.upper()
        self.path = path
        self.numbers = numbers
        self.roles: list[str] = described.get("x-roles", [])
        self.parameters = [each for each in described.get("parameters", []) if each["in"] == "query"]
        content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
        reference = content.get("schema", {}).get("$ref", "")
        schema = schemas.get(reference.rsplit("/", 1)[-1], {})
        self.reads_json = "schema" in content
        self.fields: list[str] = sorted(schema.get("properties", {}))
        self.sample: Any = sample(schema, schemas)

    def url(self, ids: dict[str, str]) -> str:
        """The path with ids that exist where some are known, and one that exists nowhere elsewhere."""
        parts = self.path.split("/")
        return "/".join(self._part(part.strip("{}"), ids) if part.startswith("{") else part for part in parts)

    def _part(self, name: str, ids: dict[str, str]) -> str:
        # An address with a number in it has none for anything else.
        return ids.get(name) or ("7" if name in self.numbers else new_id())

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@pytest.fixture(params=PACKAGES)
def service(request: pytest.FixtureRequest, harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(importlib.import_module(f"{request.param}.service").SERVICE)


def operations(harness: Harness) -> list[Operation]:
    document = json.loads(render_service(harness.service))
    schemas = document["components"]["schemas"]
    return [
        Operation(method, path, described, schemas, _numbers(item))
        for path, item in document["paths"].items()
        for method, described in item.items()
        if method != "parameters"
    ]


def _numbers(item: dict[str, Any]) -> set[str]:
    """The parts of a path that are numbers, such as a year or a version."""
    return {each["name"] for each in item.get("parameters", []) if each["schema"].get("type") == "integer"}


def strange_bodies(plausible: dict[str, Any]) -> list[dict[str, Any]]:
    """A plausible body with one strange value, two levels deep."""
    bodies = [{**plausible, name: value} for name in plausible for value in STRANGE]
    for name, inner in plausible.items():
        if isinstance(inner, dict):
            bodies += [{**plausible, name: each} for each in strange_bodies(inner)]
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            bodies += [{**plausible, name: [each]} for each in strange_bodies(inner[0])]
    return bodies


def ask(
    harness: Harness, operation: Operation, role: str | None = None, ids: dict[str, str] | None = None, **options: Any
) -> Any:
    headers = {"If-Match": '"1"', **options.pop("headers", {})}
    url = operation.url(ids or {})
    if role is None:
        return harness.anonymous().open(url, method=operation.method, headers=headers, **options)
    return harness.as_(role, subject="t-1").request(operation.method, url, headers=headers, **options)


def ids_that_exist(harness: Harness) -> dict[str, str]:
    """Create what plausible bodies can create, and remember its ids."""
    ids: dict[str, str] = {}
    creating = [each for each in operations(harness) if each.reads_json and each.method == "POST" and each.roles]
    for each in sorted(creating, key=lambda operation: operation.path.count("{")):
        answer = ask(harness, each, each.roles[0], ids, json=with_ids(each.sample, ids))
        if answer.status_code == 201:
            ids |= {name: value for name, value in answer.json.items() if name.endswith("_id") and value}
    return ids


def with_ids(body: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    return {name: ids.get(name, value) for name, value in body.items()}


def test_a_stranger_is_sent_away(service: Harness) -> None:
    let_in = [str(each) for each in operations(service) if each.roles and ask(service, each).status_code != 401]
    assert let_in == []


def test_a_role_that_is_not_named_is_sent_away(service: Harness) -> None:
    let_in = [
        f"{each} as {role}"
        for each in operations(service)
        for role in sorted(set(Role) - set(each.roles))
        if each.roles and ask(service, each, role).status_code != 403
    ]
    assert let_in == []


def test_malformed_json_is_told_before_anything_happens(service: Harness) -> None:
    wrong = []
    for each in operations(service):
        if each.reads_json and each.roles:
            answer = ask(service, each, each.roles[0], data=b'{"a": }', content_type="application/json")
            if answer.status_code != 400 or "line 1, column 7" not in answer.json["detail"]:
                wrong.append(f"{each}: {answer.status_code} {answer.text}")
    assert wrong == []


def test_an_unknown_field_is_named(service: Harness) -> None:
    wrong = []
    for each in operations(service):
        if each.reads_json and each.roles:
            answer = ask(service, each, each.roles[0], json={"no_such_field": 1})
            named = answer.status_code == 422 and "no_such_field" in {error["field"] for error in answer.json["errors"]}
            wrong += [] if named else [f"{each}: {answer.status_code} {answer.text}"]
    assert wrong == []


def test_an_unknown_query_parameter_is_named(service: Harness) -> None:
    wrong = []
    for each in operations(service):
        if each.parameters and each.roles:
            answer = ask(service, each, each.roles[0], query_string={"no_such_filter": "1"})
            named = answer.status_code == 422 and "no_such_filter" in {
                error["field"] for error in answer.json["errors"]
            }
            wrong += [] if named else [f"{each}: {answer.status_code} {answer.text}"]
    assert wrong == []


def test_no_value_in_a_body_breaks_a_route(service: Harness) -> None:
    broken = []
    ids = ids_that_exist(service)
    for each in operations(service):
        plausible = with_ids(each.sample, ids) if each.reads_json and each.roles else {}
        for body in strange_bodies(plausible):
            answer = ask(service, each, each.roles[0], ids, json=body)
            if answer.status_code >= 500:
                broken.append(f"{each} {str(body)[:200]}: {answer.status_code}")
    assert broken == []


def test_no_value_in_a_query_breaks_a_route(service: Harness) -> None:
    broken = []
    for each in operations(service):
        for parameter in each.parameters if each.roles else []:
            for value in STRANGE:
                answer = ask(service, each, each.roles[0], query_string={parameter["name"]: str(value)})
                if answer.status_code >= 500:
                    broken.append(f"{each} {parameter['name']}={str(value)[:50]}: {answer.status_code}")
    assert broken == []


@pytest.mark.parametrize("part", ["x", "%00", "%20", "..%2f", "%F0%9F%92%86", "a" * 2000, "%24ne", "%ff"])
def test_no_id_in_a_path_breaks_a_route(service: Harness, part: str) -> None:
    broken = []
    for each in operations(service):
        url = "/".join(part if piece.startswith("{") else piece for piece in each.path.split("/"))
        role = each.roles[0] if each.roles else "admin"
        for method in {each.method} & {"GET", "DELETE", "POST"}:
            answer = service.as_(role, subject="t-1").request(method, url, json={} if method == "POST" else None)
            if answer.status_code >= 500:
                broken.append(f"{method} {url[:120]}: {answer.status_code}")
    assert broken == []
