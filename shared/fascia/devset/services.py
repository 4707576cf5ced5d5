"""The four services as processes: what each one's environment holds and when it is ready."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from dataclasses import dataclass

from fascia.devset.ports import HOST, SERVICES, Ports
from fascia.devset.processes import Program
from fascia.devset.run_dir import RunDir

# What a user may say in the shell about every service of a suite.
_PASSED_ON = ("FASCIA_LOG_LEVEL", "FASCIA_OTLP_ENDPOINT")
ACCOUNT_SID = "AC" + "0" * 32


@dataclass(frozen=True)
class Surroundings:
    """Where the services find everything."""

    ports: Ports
    run_dir: RunDir
    mongodb_uri: str
    kafka_bootstrap: str
    generation: str


def environment(service: str, around: Surroundings) -> dict[str, str]:
    """The FASCIA_* variables of a service; each one is in its settings, which refuse any other."""
    ports = around.ports
    issuer = ports.url("issuer")
    common = {
        "FASCIA_MONGODB_URI": around.mongodb_uri,
        "FASCIA_KAFKA_BOOTSTRAP": around.kafka_bootstrap,
        "FASCIA_BROKER_GENERATION": around.generation,
        "FASCIA_KEYRING_FILE": str(around.run_dir.keyring),
        "FASCIA_HTTP_HOST": HOST,
        "FASCIA_HTTP_PORT": str(ports.web(service)),
        "FASCIA_WORKER_PORT": str(ports.worker(service)),
        "FASCIA_OIDC_ISSUER": issuer,
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
    }
    own = {
        "notify": lambda: _notify(around),
        "scheduling": lambda: {
            "FASCIA_SCHEDULING_PUBLIC_URL": ports.url("scheduling web"),
            "FASCIA_OSRM_URL": os.environ.get("OSRM_URL", ""),
        },
    }
    return common | (own[service]() if service in own else {})


def _notify(around: Surroundings) -> dict[str, str]:
    ports = around.ports
    return {
        "FASCIA_SMTP_HOST": HOST,
        "FASCIA_SMTP_PORT": str(ports.named["smtp"]),
        "FASCIA_TWILIO_BASE_URL": ports.url("catcher"),
        "FASCIA_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "FASCIA_TWILIO_AUTH_TOKEN": around.run_dir.secret("twilio"),
        "FASCIA_NOTIFY_PUBLIC_URL": ports.url("notify web"),
        "FASCIA_OUTCOMES_PUBLIC_URL": ports.url("outcomes web"),
        "FASCIA_SCHEDULING_PUBLIC_URL": ports.url("scheduling web"),
        "FASCIA_MAIL_LOOKUP_URL": f"{ports.url('catcher')}/api/messages",
        "FASCIA_SENDER_NAME": "Harborline",
    }


def process_environment(service: str, around: Surroundings) -> dict[str, str]:
    """The whole environment of a service's processes: the shell's, with no FASCIA_* variable but ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FASCIA_")}
    return {**inherited, "PYTHONUNBUFFERED": "1", **environment(service, around)}


def migrations(around: Surroundings) -> list[Program]:
    """Short processes that create what each database lacks."""
    return [_program(service, "migrate", around) for service in SERVICES]


def web(service: str, around: Surroundings) -> Program:
    """A service's REST API."""
    return _program(service, "web", around)


def worker(service: str, around: Surroundings) -> Program:
    """A service's relay, consumer and jobs."""
    return _program(service, "worker", around)


def _program(service: str, role: str, around: Surroundings) -> Program:
    port = {"web": around.ports.web(service), "worker": around.ports.worker(service)}.get(role)
    return Program(
        name=f"{service} {role}",
        argv=(sys.executable, "-m", f"{service}_svc", role),
        env=process_environment(service, around),
        log=around.run_dir.logs / f"{service}-{role}.log",
        ports=(port,) if port else (),
        ready=(lambda: is_ready(f"http://{HOST}:{port}/health/ready", f"{service}-svc")) if port else (lambda: True),
    )


def is_ready(url: str, service: str | None = None) -> bool:
    """Whether an address answers 200, as the service that it should be; raises OSError when it does not answer."""
    # A proxy that the shell names is not asked: everything here is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=3) as answer:
        return answer.status == 200 and (service is None or json.load(answer).get("service") == service)
