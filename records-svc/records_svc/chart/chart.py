"""Entries of a patient's chart as they came from another system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Code:
    """A coded meaning. `system` is the FHIR URI of the code system; both are None where only a text was given."""

    system: str | None
    code: str | None
    display: str


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A diagnosis or problem. `since` and `until` are the days of onset and abatement, where known."""

    id: str
    patient_id: str
    code: Code
    clinical_status: str
    verification_status: str
    since: date | None
    until: date | None


@dataclass(frozen=True, kw_only=True)
class MedicationOrder:
    """An order for a drug. `status` is FHIR's MedicationRequest.status."""

    id: str
    patient_id: str
    code: Code
    status: str
    intent: str
    authored_on: date | None
    requester_id: str | None


@dataclass(frozen=True, kw_only=True)
class Allergy:
    """An allergy or intolerance; latex and nut oils matter to who touches skin."""

    id: str
    patient_id: str
    code: Code
    clinical_status: str
    verification_status: str
    categories: tuple[str, ...]
    criticality: str | None
    recorded_on: date | None


@dataclass(frozen=True, kw_only=True)
class Practitioner:
    """Who treats or prescribes elsewhere. `npi` is None where the source's number does not hold."""

    id: str
    name: str
    npi: str | None
    active: bool


@dataclass(frozen=True, kw_only=True)
class Organization:
    """Where they do so."""

    id: str
    name: str
    phone: str | None
    city: str | None
    state: str | None
    active: bool


PatientEntry = Condition | MedicationOrder | Allergy
ChartEntry = PatientEntry | Practitioner | Organization
