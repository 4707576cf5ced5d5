"""The embedded set as a whole: what starts in which order, what happens when a part dies, how all of it stops."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from fascia.devset import broker, catching, database, issuing, services
from fascia.devset.options import Options
from fascia.devset.ports import HOST, SERVICES, Claim, Ports, claim, claim_any
from fascia.devset.processes import Child, Program, Reaper, StartError, stop_all
from fascia.devset.progress import Progress
from fascia.devset.run_dir import RunDir
from fascia.devset.services import Surroundings

PRACTICE = "demo"
_WORKER_STOP_SECONDS = 15.0
_WEB_STOP_SECONDS = 15.0


class Suite:
    """Processes, ports and the run folder. `stopping` tells long waits that the user has had enough."""

    def __init__(self, options: Options, progress: Progress, stopping: Callable[[], bool] = lambda: False) -> None:
        self.options = options
        self.progress = progress
        self.run_dir = RunDir(options.run_dir)
        self.generation = ""
        self._stopping = stopping
        self._children: dict[str, Child] = {}
        self._reaper: Reaper | None = None
        self._claim: Claim | None = None
        self._ports: Ports | None = None
        self._described: dict[str, int | None] = {}

    @property
    def started(self) -> bool:
        """Whether there is anything to stop."""
        return self._reaper is not None

    @property
    def ports(self) -> Ports:
        """The ports that were claimed."""
        if self._ports is None:
            raise RuntimeError("the suite has not been started")
        return self._ports

    @property
    def kafka_bootstrap(self) -> str:
        """Where the broker is."""
        return self.options.kafka or f"{HOST}:{self.ports.named['broker']}"

    @property
    def mongodb_uri(self) -> str:
        """Where the database is."""
        return self.options.mongodb or database.uri(self.ports.named["database"])

    def start(self) -> None:
        """Start everything; raises InUseError, PortTakenError or StartError with a message for the user."""
        lock = self.run_dir.acquire()
        self._ports, self._claim = claim_any() if self.options.port_base is None else claim(self.options.port_base)
        self._reaper = Reaper(keep=(lock,))
        self.progress.title(f"Fascia suite in {self.run_dir.folder}")
        self.run_dir.ensure_keyring()
        self._start_backing()
        self._migrate()
        with self.progress.step("services, web and worker each") as notes:
            self._start_together([*self._workers(), *(services.web(name, self._around()) for name in SERVICES)])
            notes.append(f"{2 * len(SERVICES)} processes")
        self.describe()

    def stop(self) -> list[str]:
        """Stop what runs, services first; returns the names of processes that had to be killed."""
        killed: list[str] = []
        for names, seconds in (
            (self._named(" web"), _WEB_STOP_SECONDS),
            (self._named(" worker"), _WORKER_STOP_SECONDS),
            (["catcher", "issuer", "broker"], 5.0),
            (["database"], 20.0),
        ):
            killed += stop_all([self._children.pop(name) for name in names if name in self._children], seconds)
        killed += stop_all(list(self._children.values()), 5.0)
        self._children.clear()
        if self._claim:
            self._claim.release()
        if self._reaper:
            self._reaper.close()
        self.run_dir.release()
        return killed

    def tick(self) -> None:
        """Look after the processes once: call it again and again."""
        lost = self._children.get("broker")
        if lost is not None and lost.pid is None:
            self._replace_broker(lost)
        for child in self._children.values():
            try:
                news = child.revive(time.monotonic())
            except StartError as error:
                news = str(error)
            if news:
                self.progress.say(news)
        if self._pids() != self._described:
            self.describe()

    def describe(self) -> None:
        """Write where everything is for other commands."""
        self._described = self._pids()
        self.run_dir.write_suite(
            {
                "pid": os.getpid(),
                "base": self.ports.base,
                "practice": PRACTICE,
                "urls": {
                    **{name: self.ports.url(f"{name} web") for name in SERVICES},
                    "catcher": self.ports.url("catcher"),
                    "issuer": self.ports.url("issuer"),
                },
                "workers": {name: self.ports.url(f"{name} worker") for name in SERVICES},
                "kafka": self.kafka_bootstrap,
                "mongodb": self.mongodb_uri,
                "generation": self.generation,
                "keyring": str(self.run_dir.keyring),
                "tokens": str(self.run_dir.tokens),
                "logs": str(self.run_dir.logs),
                "processes": self._described,
            }
        )

    def _start_backing(self) -> None:
        ports, run_dir = self.ports, self.run_dir
        programs = [catching.program(ports, run_dir), issuing.program(ports, run_dir)]
        if self.options.mongodb is None:
            programs.append(database.program(ports.named["database"], run_dir.database, run_dir.logs))
        if self.options.kafka is None:
            programs.append(broker.program(ports.named["broker"], run_dir.logs))
        with self.progress.step("database, broker, catcher, issuer") as notes:
            self._start_together(programs)
            if self.options.mongodb and not database.ping(self.options.mongodb, 10):
                raise StartError("no MongoDB replica set answers at the address given with --mongodb or MONGODB_URI")
            notes.append(self._prepare_broker())

    def _prepare_broker(self) -> str:
        if self.options.kafka is None:
            self.generation = self.run_dir.next_generation()
        else:
            # It keeps its records, so its generation stays the same for as long as it is the same broker.
            self.generation = hashlib.sha256(self.options.kafka.encode()).hexdigest()[:8]
        try:
            made = broker.prepare(self.kafka_bootstrap)
        except Exception as error:
            raise StartError(f"the broker at {self.kafka_bootstrap} does not make topics: {error}") from error
        return f"{made} topics"

    def _migrate(self) -> None:
        with self.progress.step("collections and indexes"):
            started = [self._child(program) for program in services.migrations(self._around())]
            for child in started:
                child.start()
            for child in started:
                self._finish(child)

    def _finish(self, child: Child) -> None:
        end = time.monotonic() + child.program.ready_seconds
        while child.pid is not None:
            if self._stopping() or time.monotonic() > end:
                raise StartError(f"{child.name} did not finish:\n{child.log_end()}")
            time.sleep(0.05)
        if child.exit_code != 0:
            raise StartError(f"{child.name} failed:\n{child.log_end()}")
        child.forget()

    def _replace_broker(self, lost: Child) -> None:
        """A new embedded broker is empty: the workers join it under new groups and send the retained outbox again."""
        self.progress.say("broker died and all it held is gone: starting a new one, services send their events again")
        stop_all([self._children.pop(name) for name in self._named(" worker")], 5.0)
        lost.forget()
        try:
            lost.start()
            lost.wait_ready(self._stopping)
            self._prepare_broker()
        except StartError as error:
            self.progress.say(f"{error}; trying again")
        # When that failed the workers are started all the same: the next tick finds the broker dead and repeats this.
        for program in self._workers():
            self._children[program.name] = self._child(program)
            self._start_or_later(self._children[program.name])
        self.describe()
        self.progress.say(f"broker generation {self.generation} is up")

    def _start_or_later(self, child: Child) -> None:
        try:
            child.start()
        except StartError as error:
            # A child that does not run is one that the next tick starts again.
            self.progress.say(str(error))

    def _workers(self) -> list[Program]:
        return [services.worker(name, self._around()) for name in SERVICES]

    def _start_together(self, programs: Sequence[Program]) -> None:
        children = [self._child(program) for program in programs]
        for child in children:
            self._children[child.name] = child
            child.start()
        for child in children:
            child.wait_ready(self._stopping)

    def _child(self, program: Program) -> Child:
        assert self._reaper is not None
        return Child(program, self._reaper)

    def _around(self) -> Surroundings:
        return Surroundings(self.ports, self.run_dir, self.mongodb_uri, self.kafka_bootstrap, self.generation)

    def _named(self, suffix: str) -> list[str]:
        return [name for name in self._children if name.endswith(suffix)]

    def _pids(self) -> dict[str, Any]:
        return {name: child.pid for name, child in self._children.items()}
