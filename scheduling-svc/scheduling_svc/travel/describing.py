"""Saying where drive times come from: to a practice, and to whoever runs the service."""

from __future__ import annotations

from typing import Any

from fascia.runtime import Runtime
from fascia.store import UnitOfWork
from scheduling_svc.travel import store
from scheduling_svc.travel.atlases import atlas_of
from scheduling_svc.travel.proposal import Settings
from scheduling_svc.travel.travel import Source
from scheduling_svc.workforce import store as workforce


def describe(uow: UnitOfWork) -> dict[str, Any]:
    """The practice's drive times, and the calibration that they rest on."""
    practice = workforce.directory(uow).practice
    atlas = atlas_of(uow.settings)
    calibration = store.last_calibration(uow)
    settings = Settings.of(practice)
    return {
        "source": Source.ESTIMATE if atlas is None else Source.ROADS,
        "roads": None if atlas is None else atlas.state(),
        "circuity": practice.circuity,
        "settings": settings,
        "calibration": calibration,
        "calibrated": calibration is not None and calibration.proposed == settings,
    }


def health(runtime: Runtime) -> dict[str, Any]:
    """Which drive times the service uses, and whether the routing engine answers."""
    atlas = atlas_of(runtime.settings)
    if atlas is None:
        return {"travel": {"source": Source.ESTIMATE.value}}
    state = atlas.state()
    source = Source.ROADS if state["answers"] else Source.ESTIMATE
    return {"travel": {"source": source.value, **state, "known_legs": len(atlas.memory)}}
