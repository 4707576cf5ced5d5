"""Settings: read once from the environment, frozen, and listed so that a deployment can be checked against them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, get_type_hints

PREFIX = "FASCIA_"


class SettingsError(ValueError):
    """The environment cannot be used; the message names the variable and the fix."""


class Variable(NamedTuple):
    """One environment variable that a settings class reads."""

    name: str
    default: str | None
    meaning: str


def setting(env: str, default: Any = dataclasses.MISSING, *, meaning: str) -> Any:
    """A dataclass field that is read from the environment variable `env`."""
    return dataclasses.field(default=default, metadata={"env": env, "meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What every service needs to know about its surroundings."""

    mongodb_uri: str = setting("FASCIA_MONGODB_URI", meaning="database address, of a replica set")
    database: str = setting("FASCIA_DATABASE", "", meaning="database name; by default the service's own")
    kafka_bootstrap: str = setting("FASCIA_KAFKA_BOOTSTRAP", meaning="broker addresses, comma separated")
    kafka_session_timeout_ms: int = setting("FASCIA_KAFKA_SESSION_TIMEOUT_MS", 6000, meaning="consumer session timeout")
    kafka_heartbeat_ms: int = setting("FASCIA_KAFKA_HEARTBEAT_MS", 1000, meaning="consumer heartbeat interval")
    kafka_fetch_wait_ms: int = setting("FASCIA_KAFKA_FETCH_WAIT_MS", 50, meaning="longest wait of a fetch")
    broker_generation: str = setting(
        "FASCIA_BROKER_GENERATION",
        "1",
        meaning="changes when the broker lost its data: the retained outbox is sent again",
    )
    keyring_file: str = setting("FASCIA_KEYRING_FILE", meaning="JSON file with the keys that seal personal data")
    http_host: str = setting("FASCIA_HTTP_HOST", "127.0.0.1", meaning="address that the web process listens on")
    http_port: int = setting("FASCIA_HTTP_PORT", 8080, meaning="port of the web process")
    http_threads: int = setting("FASCIA_HTTP_THREADS", 8, meaning="threads of the web process")
    worker_port: int = setting("FASCIA_WORKER_PORT", 0, meaning="port of the worker's metrics and health; 0: none")
    max_body_bytes: int = setting("FASCIA_MAX_BODY_BYTES", 2_000_000, meaning="larger requests are refused with 413")
    oidc_issuer: str = setting("FASCIA_OIDC_ISSUER", "", meaning="issuer whose tokens are accepted")
    jwks_url: str = setting("FASCIA_JWKS_URL", "", meaning="the issuer's keys; by default found by OIDC discovery")
    token_audience: str = setting("FASCIA_TOKEN_AUDIENCE", "fascia", meaning="audience that a token must name")
    otlp_endpoint: str = setting("FASCIA_OTLP_ENDPOINT", "", meaning="OpenTelemetry collector; empty: spans stay here")
    log_level: str = setting("FASCIA_LOG_LEVEL", "INFO", meaning="lowest level that is logged")
    outbox_retention_days: int = setting("FASCIA_OUTBOX_RETENTION_DAYS", 30, meaning="how long sent events are kept")


S = TypeVar("S", bound=ServiceSettings)


def variables(cls: type[ServiceSettings]) -> list[Variable]:
    """Every variable that a settings class reads."""
    return [
        Variable(
            field.metadata["env"],
            None if field.default is dataclasses.MISSING else str(field.default),
            field.metadata["meaning"],
        )
        for field in dataclasses.fields(cls)
    ]


def load(cls: type[S], environ: Mapping[str, str]) -> S:
    """Read settings from an environment; raises SettingsError naming what is missing, wrong or unknown."""
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    faults: list[str] = []
    for field in dataclasses.fields(cls):
        name = field.metadata["env"]
        required = field.default is dataclasses.MISSING
        if required and not environ.get(name, "").strip():
            faults.append(f"{name} is not set: {field.metadata['meaning']}")
        elif name in environ:
            try:
                values[field.name] = _parse(environ[name], hints[field.name])
            except ValueError as error:
                faults.append(f"{name}: {error}")
    known = {variable.name for variable in variables(cls)}
    faults += [
        f"{name} is set but not a setting" for name in sorted(environ) if name.startswith(PREFIX) and name not in known
    ]
    if faults:
        raise SettingsError("; ".join(faults))
    return cls(**values)


def _parse(text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{text!r} is neither true nor false")
        return text.lower() == "true"
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a {'whole ' if kind is int else ''}number") from None
    return text
