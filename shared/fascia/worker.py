"""The worker process of a service: relay, consumer, jobs, and a small port for metrics and health."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from fascia.backbone.consumer import Consumer
from fascia.backbone.dispatch import Dispatcher
from fascia.backbone.outbox import Outbox
from fascia.backbone.relay import Relay
from fascia.contracts import contract
from fascia.runtime import Runtime
from fascia.service import Job, Service
from fascia.worker_health import serve_health

_STOP_SECONDS = 30
_log = logging.getLogger(__name__)


class PartFailed(RuntimeError):
    """A part of the worker ended by itself. The process must end with an error, so that it is started again."""


def run_worker(service: Service, runtime: Runtime, stop: threading.Event | None = None) -> None:
    """Run until SIGTERM or SIGINT, then finish the work in hand: at most one record and one batch of the relay.

    Raises PartFailed when a part of it ended by itself.
    """
    halt = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: halt.set())
    failed: list[str] = []
    runtime.clear_away()
    threads = [_thread("relay", Relay(runtime).run, halt, failed)]
    if service.handlers:
        threads.append(_thread("consumer", _consumer(service, runtime).run, halt, failed))
    if runtime.settings.worker_port:
        serve_health(
            runtime,
            lambda: {thread.name: thread.is_alive() for thread in threads},
            runtime.settings.http_host,
            runtime.settings.worker_port,
        )
    scheduler = _schedule((*service.jobs, _purge_job()), runtime)
    _log.info("worker started", extra={"service": service.name})
    halt.wait()
    scheduler.shutdown(wait=True)
    for thread in threads:
        thread.join(_STOP_SECONDS)
    runtime.close()
    _log.info("worker stopped", extra={"service": service.name})
    if failed:
        raise PartFailed(f"{', '.join(failed)} failed")


def consumer_group(service: Service, runtime: Runtime) -> str:
    """The Kafka group of a service: a new one where the broker lost its offsets, starting at the earliest record."""
    return f"{service.name}.{runtime.settings.broker_generation}"


def _consumer(service: Service, runtime: Runtime) -> Consumer:
    topics = {contract(type_).topic for type_ in service.handlers}
    dispatcher = Dispatcher(runtime, service.handlers, service.name)
    return Consumer(runtime, dispatcher, consumer_group(service, runtime), topics)


def _thread(
    name: str, target: Callable[[threading.Event], None], halt: threading.Event, failed: list[str]
) -> threading.Thread:
    def guarded() -> None:
        try:
            target(halt)
        except Exception:
            # A worker with a dead part looks alive and does nothing: end it, so that its supervisor starts it again.
            _log.exception("worker part failed", extra={"part": name})
            failed.append(name)
            halt.set()

    thread = threading.Thread(target=guarded, name=name, daemon=True)
    thread.start()
    return thread


def _schedule(jobs: tuple[Job, ...], runtime: Runtime) -> BackgroundScheduler:
    """APScheduler only ticks: what is due lives in the database, so a late or missed tick loses nothing."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone="UTC")
    for job in jobs:
        scheduler.add_job(
            _tick,
            "interval",
            seconds=job.every.total_seconds(),
            args=(job, runtime),
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=datetime.now().astimezone() + min(job.every, timedelta(seconds=1)),
        )
    scheduler.start()
    return scheduler


def _tick(job: Job, runtime: Runtime) -> None:
    try:
        job.run(runtime)
    except Exception as error:
        _log.warning("job failed, its next tick tries again", extra={"job": job.name, "error": type(error).__name__})


def _purge_job() -> Job:
    def purge(runtime: Runtime) -> None:
        Outbox(runtime.database).purge(runtime.clock.now(), runtime.settings.outbox_retention_days)

    return Job("outbox-purge", timedelta(minutes=10), purge)
