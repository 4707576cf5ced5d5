"""What makes a service: its name, settings, views, handlers, indexes and jobs, in one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fascia.backbone import dead_letters
from fascia.backbone.dispatch import Handler
from fascia.backbone.outbox import Outbox
from fascia.runtime import Runtime
from fascia.settings import ServiceSettings
from fascia.store.indexes import Index

_WEEK = 7 * 86_400
_BACKBONE_INDEXES = (
    *Outbox.INDEXES,
    *dead_letters.INDEXES,
    Index("inbox", (("at", 1),), expire_after=12 * _WEEK),
    Index("idempotency", (("expires_at", 1),), expire_after=0),
    Index("leases", (("expires_at", 1),)),
    Index("blocked_lanes", (("consumer", 1),)),
    Index("outbox_state", (("generation", 1),)),
)


@dataclass(frozen=True)
class Job:
    """Timed work. It ticks in every worker process, so it claims what it does in the database."""

    name: str
    every: timedelta
    run: Callable[[Runtime], None]


@dataclass(frozen=True)
class Service:
    """One service of the suite."""

    name: str
    settings: type[ServiceSettings]
    blueprints: tuple[Any, ...] = ()
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    publishes: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    jobs: tuple[Job, ...] = ()
    projections: tuple[str, ...] = ()
    """Types whose handlers do nothing but keep a projection, guarded by version: these may be replayed."""
    details: Callable[[Runtime], Mapping[str, Any]] = field(default=lambda _: {})
    """What /health/ready tells beside its verdict, without waiting for anything."""
    prepare: Callable[[], None] = field(default=lambda: None)
    """What a web process begins when it starts, so that nobody waits for it later; returns at once."""

    @property
    def all_indexes(self) -> tuple[Index, ...]:
        """The service's own indexes and the backbone's."""
        return self.indexes + _BACKBONE_INDEXES
