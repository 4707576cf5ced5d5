"""May this visit take place at all? Asked at offers, at the hold, at the booking, and again when a verdict changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from fascia.problem import Conflict, Problem, RuleViolation
from scheduling_svc.booking.visit import PlannedVisit, Site
from scheduling_svc.budget.budget import needs_claim
from scheduling_svc.patients.clearance import refusal
from scheduling_svc.patients.patient import Patient
from scheduling_svc.patients.preference import Preference
from scheduling_svc.workforce.service_type import ServiceType
from scheduling_svc.workforce.therapist import Therapist


def screen(visit: PlannedVisit, patient: Patient, preference: Preference, now: datetime) -> None:
    """Raise the first reason against a visit, clearest first; time and place are judged elsewhere.

    The second half of a tandem needs no claim of its own: the first one's counts the visit.
    """
    if visit.starts_at <= now:
        raise RuleViolation(
            "starts-in-the-past", "The visit would begin in the past.", "starts_at", "Choose a later time."
        )
    if not visit.request.is_second_half:
        needs_claim(
            visit.request.claim_id,
            is_treatment=visit.service.is_treatment,
            requires_prescription=visit.service.requires_prescription,
        )
    for found in (
        therapist_refusal(visit.therapist, visit.service, visit.request.setting, visit.request.skills),
        preference.refusal(visit.therapist.id),
        area_refusal(visit.therapist, visit.site) if visit.mobile else None,
        licence_refusal(visit.therapist, visit.site, visit.date),
        patient_refusal(patient, visit.date, treatment=visit.service.is_treatment, mobile=visit.mobile),
    ):
        if found is not None:
            raise found


def patient_refusal(patient: Patient, day: date, *, treatment: bool, mobile: bool) -> Problem | None:
    """Why the patient may not be visited on a day, or None."""
    if patient.profile is not None and patient.profile.deceased:
        return Conflict("patient-deceased", "The patient has died.", "patient_id", "Nothing can be booked any more.")
    return refusal(patient.clearance, day, mobile=mobile) if treatment else None


def therapist_refusal(
    therapist: Therapist, service: ServiceType, setting: str, skills: Iterable[str] = ()
) -> Problem | None:
    """Why the therapist does not do this, or None."""
    if not therapist.active:
        return Conflict(
            "therapist-inactive", "The therapist no longer works here.", "therapist_id", "Choose another one."
        )
    if service.code not in therapist.service_types:
        return Conflict(
            "service-not-offered",
            f"The therapist does not give {service.name}.",
            "therapist_id",
            "Choose another therapist or service.",
        )
    if setting not in therapist.settings:
        return Conflict(
            "setting-not-offered",
            f"The therapist does not work in the setting {setting}.",
            "therapist_id",
            "Choose another therapist or setting.",
        )
    if not therapist.masters({*service.skills, *skills}):
        missing = sorted({*service.skills, *skills} - therapist.skills)
        return Conflict(
            "skill-missing",
            f"The therapist has not learnt {missing[0]}.",
            "therapist_id",
            "Choose another therapist, or record what the therapist has learnt.",
        )
    return None


def area_refusal(therapist: Therapist, site: Site) -> Problem | None:
    """Why the therapist does not drive there, or None."""
    if therapist.visits_homes_at(site.coordinates):
        return None
    return Conflict(
        "outside-service-area",
        "The patient's home lies outside the area that the therapist serves.",
        "therapist_id",
        "Choose another therapist.",
    )


def licence_refusal(therapist: Therapist, site: Site, day: date) -> Problem | None:
    """Why the law forbids it: the licence must hold on the day of the visit, in the state of the visit."""
    if therapist.licensed_in(site.state, day):
        return None
    return Conflict(
        "licence-not-valid",
        f"The therapist has no licence for {site.state} that is valid on {day}.",
        "therapist_id",
        "Choose another therapist or an earlier day, or record the renewed licence.",
    )
