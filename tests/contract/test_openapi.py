"""docs/openapi/*.json are generated; a change of an interface that they do not show fails here."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from fascia.service import Service
from fascia.web.openapi import render_service

DOCS = Path(__file__).parents[2] / "docs" / "openapi"
PACKAGES = ("notify_svc", "outcomes_svc", "records_svc", "scheduling_svc")


def _service(package: str) -> Service:
    service = importlib.import_module(f"{package}.service").SERVICE
    assert isinstance(service, Service)
    return service


def _operations(package: str) -> list[tuple[str, dict[str, Any]]]:
    paths = json.loads(render_service(_service(package)))["paths"]
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters"
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_document_in_docs_is_the_one_the_service_gives(package: str) -> None:
    service = _service(package)
    kept = (DOCS / f"{service.name}.json").read_text(encoding="utf-8")
    assert kept == render_service(service), (
        f"python -m fascia.web.openapi {package} --to docs/openapi, and look at the difference"
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_every_operation_says_who_may_call_it(package: str) -> None:
    silent = [
        name for name, operation in _operations(package) if not ({"x-roles", "x-public-because"} & set(operation))
    ]
    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_operation_is_summed_up_in_words(package: str) -> None:
    assert [name for name, operation in _operations(package) if not operation.get("summary")] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_operation_ids_are_unique(package: str) -> None:
    ids = [operation["operationId"] for _, operation in _operations(package)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_route_takes_a_practice_id(package: str) -> None:
    paths = json.loads(render_service(_service(package)))["paths"]
    assert [path for path in paths if "practice_id" in path] == []
