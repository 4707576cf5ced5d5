"""Whom a visit may be given to, and what it costs to give it to somebody whom the patient knows less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from scheduling_svc.booking.screening import area_refusal, licence_refusal, therapist_refusal
from scheduling_svc.booking.visit import Site
from scheduling_svc.patients.patient import Patient
from scheduling_svc.patients.preference import Preference
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE, Coordinates
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from scheduling_svc.workforce.therapist import Therapist


@dataclass(frozen=True)
class Need:
    """What a mobile visit asks of whoever makes it."""

    service_type: str
    skills: Iterable[str]
    place: Coordinates


def may_make(
    therapist: Therapist, need: Need, patient: Patient | None, preference: Preference, on: date, directory: Directory
) -> bool:
    """Whether skill, licence, area and the patient's wishes allow it, by the rules that a booking is screened by."""
    service = directory.service_types.get(need.service_type)
    address = patient.profile.address if patient and patient.profile else None
    if service is None or address is None:
        return False
    site = Site(need.place, address.state, therapist.time_zone)
    refusals = (
        therapist_refusal(therapist, service, MOBILE, need.skills),
        preference.refusal(therapist.id),
        area_refusal(therapist, site),
        licence_refusal(therapist, site, on),
    )
    return all(refusal is None for refusal in refusals)


def costs_by_therapist(
    therapist_ids: Iterable[str], preference: Preference, policy: PlanningPolicy
) -> Mapping[str, int]:
    """Seconds of driving that the practice would accept to avoid each therapist; only those who cost any."""
    found = {id_: _cost(id_, preference, policy) for id_ in therapist_ids}
    return {id_: cost for id_, cost in found.items() if cost}


def _cost(therapist_id: str, preference: Preference, policy: PlanningPolicy) -> int:
    minutes = 0
    if preference.preferred and therapist_id not in preference.preferred:
        minutes += policy.preference_minutes
    if preference.usual is not None and therapist_id != preference.usual:
        minutes += policy.continuity_minutes
    return minutes * 60
