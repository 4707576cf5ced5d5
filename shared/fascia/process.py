"""The command line of a service: `web`, `worker`, `migrate`, `replay`, `settings`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from kafka.errors import KafkaError
from pymongo.errors import PyMongoError

from fascia.backbone.replay import NotReplayable, replay
from fascia.observability.logs import configure_logging
from fascia.observability.tracing import configure_tracing
from fascia.runtime import Runtime, open_runtime
from fascia.service import Service
from fascia.settings import SettingsError, load, variables
from fascia.store.indexes import ensure_indexes
from fascia.web.server import serve
from fascia.worker import PartFailed, run_worker


def main(service: Service, arguments: Sequence[str] | None = None) -> int:
    """Run one command of a service; returns the exit code."""
    options = _parser(service).parse_args(arguments)
    if options.command == "settings":
        for variable in variables(service.settings):
            print(f"{variable.name}\t{variable.default or '-'}\t{variable.meaning}")  # noqa: T201
        return 0
    try:
        settings = load(service.settings, os.environ)
    except SettingsError as error:
        return _refused(service, str(error), 2)
    configure_logging(service.name, settings.log_level)
    configure_tracing(service.name, settings.otlp_endpoint)
    if options.command == "web":
        serve(service, settings)
        return 0
    try:
        runtime = open_runtime(service.name, settings)
    except (OSError, ValueError, PyMongoError) as error:
        return _refused(service, f"cannot start: {error}", 2)
    if options.command == "migrate":
        return _migrate(service, runtime)
    if options.command == "replay":
        return _replay(service, runtime, options)
    return _work(service, runtime)


def _refused(service: Service, reason: str, code: int) -> int:
    print(f"{service.name}: {reason}", file=sys.stderr)  # noqa: T201
    return code


def _migrate(service: Service, runtime: Runtime) -> int:
    try:
        ensure_indexes(runtime.database, service.all_indexes)
    except PyMongoError as error:
        return _refused(service, f"{type(error).__name__}: the database does not answer or refuses an index", 1)
    return 0


def _work(service: Service, runtime: Runtime) -> int:
    try:
        run_worker(service, runtime)
    except PartFailed as error:
        return _refused(service, str(error), 1)
    return 0


def _replay(service: Service, runtime: Runtime, options: argparse.Namespace) -> int:
    def progress(count: int) -> None:
        print(f"\r{count} events read", end="", flush=True)  # noqa: T201

    try:
        fates = replay(
            runtime, service.handlers, service.projections, options.types or service.projections, options.name, progress
        )
    except NotReplayable as error:
        return _refused(service, str(error), 2)
    except (KafkaError, PyMongoError) as error:
        return _refused(service, f"{type(error).__name__}: nothing is lost, the same --name goes on", 1)
    told = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()))
    print(f"\n{told or 'nothing to read'}")  # noqa: T201
    return 0


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=service.name)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("web", help="serve the REST API")
    commands.add_parser("worker", help="send and receive events, do timed work")
    commands.add_parser("migrate", help="create what the database lacks")
    commands.add_parser("settings", help="list the environment variables")
    again = commands.add_parser("replay", help="rebuild projections from the retained events")
    again.add_argument("--name", required=True, help="a new name starts over, the same name goes on")
    again.add_argument("--types", nargs="*", help="event types; by default all projections")
    return parser
