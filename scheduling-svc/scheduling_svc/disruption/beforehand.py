"""What is done for an urgent visit before the transaction of its report: the roads are asked about its address."""

from __future__ import annotations

from datetime import date
from typing import Any

from fascia.problem import Problem
from fascia.store import UnitOfWork
from scheduling_svc.disruption.disruption import Kind
from scheduling_svc.patients import store as patients
from scheduling_svc.plans.assembling import places_of
from scheduling_svc.plans.reading import read_region, regions_of
from scheduling_svc.travel.atlases import atlas_of
from scheduling_svc.travel.supplying import Day, DayPlaces, prepared_travel
from scheduling_svc.workforce import store as workforce


def ask_roads(uow: UnitOfWork, body: Any, day: str) -> None:
    """Have the drives of the day stored with those to the patient, in every region: anybody might go there.

    `body` is the report as it came, unchecked: whatever is wrong with it is left for the report to say.
    """
    if atlas_of(uow.settings) is None or not isinstance(body, dict) or body.get("kind") != Kind.URGENT_VISIT:
        return
    try:
        _ask(uow, str(body["patient_id"]), date.fromisoformat(day))
    except (Problem, LookupError, ValueError):
        return


def _ask(uow: UnitOfWork, patient_id: str, on: date) -> None:
    home = patients.find_with_preference(uow, patient_id)[0].registered().address
    if home is None or home.coordinates is None:
        return
    directory = workforce.directory(uow)
    for region in regions_of(directory):
        places = places_of(read_region(uow, region, [on])) | {home.coordinates}
        prepared_travel(uow, directory, [DayPlaces(Day(on, region), places)])
