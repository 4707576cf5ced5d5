"""From FHIR resources about a patient, and about who treats them, to entries of the chart."""

from __future__ import annotations

from collections.abc import Callable

from fascia.problem import RuleViolation
from records_svc.chart.chart import Allergy, Condition, MedicationOrder, Organization, Practitioner
from records_svc.imports import fhir
from records_svc.imports.fhir import Resource, Unusable
from records_svc.imports.patient_mapping import Remarks
from records_svc.imports.us_states import state_of
from records_svc.patients.contact import normalised_phone
from records_svc.prescription.npi import is_npi

IdOf = Callable[[str, str], str]
"""The id here of a resource there: (FHIR type, source id) -> id."""

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
NPI = "http://hl7.org/fhir/sid/us-npi"
# FHIR R4 value sets with a required binding.
_ORDER_STATUS = frozenset(
    {"active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"}
)
_ORDER_INTENT = frozenset(
    {"proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option"}
)


def condition_of(resource: Resource, id_of: IdOf, remarks: Remarks) -> Condition:
    """A diagnosis or problem."""
    return Condition(
        id=id_of("Condition", fhir.source_id(resource)),
        patient_id=_patient(resource, "subject", id_of),
        code=fhir.code_of(resource.get("code"), "code", prefer=SNOMED),
        clinical_status=fhir.status_of(resource.get("clinicalStatus")),
        verification_status=fhir.status_of(resource.get("verificationStatus")),
        since=fhir.day(resource.get("onsetDateTime")),
        until=fhir.day(resource.get("abatementDateTime")),
    )


def medication_of(resource: Resource, id_of: IdOf, remarks: Remarks) -> MedicationOrder:
    """An order for a drug."""
    if "medicationReference" in resource:
        raise Unusable(
            "The drug is a reference, not a code.", "medicationReference", "Export it as medicationCodeableConcept."
        )
    requester = fhir.referred_id(resource.get("requester"))
    return MedicationOrder(
        id=id_of("MedicationRequest", fhir.source_id(resource)),
        patient_id=_patient(resource, "subject", id_of),
        code=fhir.code_of(resource.get("medicationCodeableConcept"), "medicationCodeableConcept", prefer=RXNORM),
        status=fhir.one_of(resource.get("status"), _ORDER_STATUS, "status"),
        intent=fhir.one_of(resource.get("intent"), _ORDER_INTENT, "intent"),
        authored_on=fhir.day(resource.get("authoredOn")),
        requester_id=id_of("Practitioner", requester) if requester else None,
    )


def allergy_of(resource: Resource, id_of: IdOf, remarks: Remarks) -> Allergy:
    """An allergy or intolerance."""
    return Allergy(
        id=id_of("AllergyIntolerance", fhir.source_id(resource)),
        patient_id=_patient(resource, "patient", id_of),
        code=fhir.code_of(resource.get("code"), "code", prefer=SNOMED),
        clinical_status=fhir.status_of(resource.get("clinicalStatus")),
        verification_status=fhir.status_of(resource.get("verificationStatus")),
        categories=tuple(fhir.texts(resource.get("category"))),
        criticality=fhir.text(resource.get("criticality")),
        recorded_on=fhir.day(resource.get("recordedDate")),
    )


def practitioner_of(resource: Resource, id_of: IdOf, remarks: Remarks) -> Practitioner:
    """Who treats or prescribes elsewhere."""
    for name in fhir.objects(resource.get("name")):
        parts = [*fhir.texts(name.get("prefix")), *fhir.texts(name.get("given")), fhir.text(name.get("family"))]
        written = " ".join(filter(None, parts)) or fhir.text(name.get("text"))
        if written:
            break
    else:
        raise Unusable("The practitioner has no name.", "name", "Export the practitioner with a name.")
    return Practitioner(
        id=id_of("Practitioner", fhir.source_id(resource)),
        name=written,
        npi=_npi(resource, remarks),
        active=resource.get("active") is not False,
    )


def organization_of(resource: Resource, id_of: IdOf, remarks: Remarks) -> Organization:
    """Where patients are treated elsewhere."""
    name = fhir.text(resource.get("name"))
    if name is None:
        raise Unusable("The organization has no name.", "name", "Export the organization with a name.")
    address = next(iter(fhir.objects(resource.get("address"))), {})
    state = fhir.text(address.get("state"))
    known = state_of(state or "")
    return Organization(
        id=id_of("Organization", fhir.source_id(resource)),
        name=name,
        phone=_phone(resource, remarks),
        city=fhir.text(address.get("city")),
        state=known.code if known else state,
        active=resource.get("active") is not False,
    )


def _patient(resource: Resource, field: str, id_of: IdOf) -> str:
    found = fhir.referred_id(resource.get(field))
    if found is None:
        raise Unusable("It does not say whose it is.", field, "Export it with a reference to its patient.")
    return id_of("Patient", found)


def _npi(resource: Resource, remarks: Remarks) -> str | None:
    for identifier in fhir.objects(resource.get("identifier")):
        value = fhir.text(identifier.get("value"))
        if identifier.get("system") == NPI and value:
            if is_npi(value):
                return value
            remarks.add("NPI left out: its check digit does not hold")
    return None


def _phone(resource: Resource, remarks: Remarks) -> str | None:
    for contact in fhir.objects(resource.get("telecom")):
        value = fhir.text(contact.get("value"))
        if contact.get("system") == "phone" and value:
            try:
                return normalised_phone(value)
            except RuleViolation as violation:
                remarks.add(f"phone left out: {violation.detail}")
    return None
