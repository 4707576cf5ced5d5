"""What the embedded set tells each service is what that service's settings read."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from fascia.devset.ports import SERVICES, Ports
from fascia.devset.run_dir import RunDir
from fascia.devset.services import Surroundings, environment, process_environment
from fascia.service import Service
from fascia.settings import load


@pytest.mark.parametrize("service", SERVICES)
def test_settings_load_from_it(service: str, tmp_path: Path) -> None:
    around = Surroundings(Ports(8100), RunDir(tmp_path), "mongodb://127.0.0.1:8117", "127.0.0.1:8192", "3")
    declared: Service = importlib.import_module(f"{service}_svc.service").SERVICE
    settings = load(declared.settings, environment(service, around))
    assert settings.broker_generation == "3"
    assert settings.http_port == Ports(8100).web(service)


def test_variables_of_the_shell_do_not_leak_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASCIA_DATABASE", "somebody_elses")
    around = Surroundings(Ports(8100), RunDir(tmp_path), "mongodb://127.0.0.1:8117", "127.0.0.1:8192", "3")
    assert "FASCIA_DATABASE" not in process_environment("records", around)


def test_a_routing_engine_of_the_shell_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSRM_URL", "http://127.0.0.1:5000")
    around = Surroundings(Ports(8100), RunDir(tmp_path), "mongodb://127.0.0.1:8117", "127.0.0.1:8192", "3")
    assert environment("scheduling", around)["FASCIA_OSRM_URL"] == "http://127.0.0.1:5000"
    assert "FASCIA_OSRM_URL" not in environment("records", around)
