"""docker-compose.yml cannot be started without an engine, so its promises are checked as text."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fascia.service import Service
from fascia.settings import variables

ROOT = Path(__file__).parents[2]
SERVICES = ("scheduling", "records", "outcomes", "notify")
ROLES = ("migrate", "web", "worker")
# https://github.com/compose-spec/compose-spec: the keys of a service that this file uses.
KEYS = {
    *(
        "image",
        "build",
        "command",
        "entrypoint",
        "environment",
        "user",
        "ports",
        "volumes",
        "depends_on",
        "healthcheck",
    ),
    *("restart", "init", "read_only", "tmpfs", "cap_drop", "security_opt", "stop_grace_period"),
}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
OWN = [f"{service}-{role}" for service in SERVICES for role in ROLES]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def is_one_shot(service: dict[str, Any]) -> bool:
    return service.get("restart") == "on-failure"


def test_each_service_is_well_formed(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) >= {"kafka", "mongodb", "catcher", *OWN}
    for name, service in compose["services"].items():
        assert set(service) <= KEYS, name
        assert service.get("image"), name
        for port in service.get("ports", []):
            assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), f"{name} publishes {port} to everybody"


def test_what_is_depended_on_exists_and_can_reach_its_condition(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for other, how in service.get("depends_on", {}).items():
            assert other in compose["services"], f"{name} depends on {other}"
            assert how["condition"] in CONDITIONS
            one_shot = is_one_shot(compose["services"][other])
            assert (how["condition"] == "service_completed_successfully") == one_shot, f"{name} waits for {other}"


def test_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])


@pytest.mark.parametrize("name", OWN)
def test_every_variable_is_one_that_the_service_reads(compose: dict[str, Any], dockerfile: str, name: str) -> None:
    service = name.rpartition("-")[0]
    declared: Service = importlib.import_module(f"{service}_svc.service").SERVICE
    known = {variable.name: variable for variable in variables(declared.settings)}
    given = {key for key in compose["services"][name]["environment"] if key.startswith("FASCIA_")}
    built_in = set(re.findall(r"\b(FASCIA_\w+)=", dockerfile))
    assert given | built_in <= set(known)
    required = {variable.name for variable in known.values() if variable.default is None}
    assert required <= given | built_in


def test_every_image_runs_as_a_plain_user(compose: dict[str, Any], dockerfile: str) -> None:
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?((?:\n(?!FROM ).*)*)", dockerfile, re.MULTILINE)
    users = {stage: re.findall(r"^USER (\S+)", body, re.MULTILINE) for _, stage, body in stages}
    for name, service in compose["services"].items():
        if "build" in service:
            assert users[service["build"]["target"]] == ["10001:10001"], name
            assert "user" not in service, name
        else:
            assert service["user"] not in ("root", "0", "0:0"), name


def test_everything_that_keeps_running_has_a_health_check(compose: dict[str, Any], dockerfile: str) -> None:
    for name, service in compose["services"].items():
        if is_one_shot(service):
            continue
        if "build" in service:
            stage = dockerfile.split(f" AS {service['build']['target']}\n")[1].split("\nFROM ")[0]
            assert "HEALTHCHECK" in stage, name
            assert "disable" not in service.get("healthcheck", {}), name
        else:
            assert service["healthcheck"]["test"], name


def test_images_are_built_for_the_service_that_they_run(compose: dict[str, Any]) -> None:
    for name in OWN:
        service, _, role = name.rpartition("-")
        assert compose["services"][name]["build"]["args"] == {"SERVICE": f"{service}-svc"}
        assert compose["services"][name]["image"] == f"fascia/{service}-svc"
        assert compose["services"][name]["command"] == [role]
        assert (ROOT / f"{service}-svc" / "pyproject.toml").exists()


def test_pins_carry_names_and_versions_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert len(pins) > 50
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+]+", line)] == []
