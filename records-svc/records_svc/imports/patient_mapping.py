"""From a FHIR Patient to the details of a patient.

What cannot be used of a usable patient (a phone number, say) is left out and remarked on; nobody is refused for it.
Consent to be messaged is never assumed: FHIR's telecom says how a person can be reached, not that they agreed to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fascia.problem import RuleViolation
from records_svc.imports import fhir
from records_svc.imports.fhir import Resource, Unusable
from records_svc.imports.us_states import State, state_of
from records_svc.patients.contact import Address, Coordinates, checked_address, normalised_email, normalised_phone
from records_svc.patients.patient import SEXES, PatientDetails

_US = frozenset({"US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")


@dataclass
class Remarks:
    """What was left out or assumed, in words."""

    texts: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Note one thing."""
        self.texts.append(text)


def details_of(resource: Resource, default_zone: str, remarks: Remarks) -> PatientDetails:
    """The details of a patient; raises Unusable where it is not known who it is."""
    given, family = _name(resource)
    state, address = _address(resource, remarks)
    return PatientDetails(
        given_name=given,
        family_name=family,
        birth_date=_birth_date(resource),
        phone=_phone(resource, remarks),
        email=_email(resource, remarks),
        address=address,
        time_zone=_zone(state, default_zone, remarks),
        language=_language(resource, remarks),
        deceased=_deceased(resource),
        sex=_sex(resource),
    )


def _name(resource: Resource) -> tuple[str, str]:
    names = sorted(fhir.objects(resource.get("name")), key=lambda name: name.get("use") not in ("official", "usual"))
    for name in names:
        given = " ".join(fhir.texts(name.get("given")))
        family = fhir.text(name.get("family"))
        written = fhir.text(name.get("text"))
        if written and not (given and family):
            given, _, family = written.rpartition(" ")
        if given or family:
            return given or str(family), family or given
    raise Unusable("The patient has no name.", "name", "Export the patient with a family and a given name.")


def _birth_date(resource: Resource) -> date:
    born = fhir.day(resource.get("birthDate"))
    if born is None:
        raise Unusable("The birth date is missing or not a full date.", "birthDate", "Export it as YYYY-MM-DD.")
    return born


def _telecoms(resource: Resource, system: str) -> list[str]:
    contacts = [contact for contact in fhir.objects(resource.get("telecom")) if contact.get("system") == system]
    contacts.sort(key=lambda contact: contact.get("use") != "mobile")
    return [value for value in (fhir.text(contact.get("value")) for contact in contacts) if value]


def _phone(resource: Resource, remarks: Remarks) -> str | None:
    for value in _telecoms(resource, "phone"):
        try:
            return normalised_phone(value)
        except RuleViolation as violation:
            remarks.add(f"phone left out: {violation.detail}")
    return None


def _email(resource: Resource, remarks: Remarks) -> str | None:
    for value in _telecoms(resource, "email"):
        try:
            return normalised_email(value)
        except RuleViolation as violation:
            remarks.add(f"email left out: {violation.detail}")
    return None


def _address(resource: Resource, remarks: Remarks) -> tuple[State | None, Address | None]:
    addresses = [entry for entry in fhir.objects(resource.get("address")) if entry.get("use") not in ("old", "billing")]
    if not addresses:
        return None, None
    chosen = min(addresses, key=lambda entry: entry.get("use") not in (None, "home"))
    country = (fhir.text(chosen.get("country")) or "US").upper()
    country = "US" if country in _US else country
    state = state_of(fhir.text(chosen.get("state")) or "") if country == "US" else None
    address = Address(
        line=", ".join(fhir.texts(chosen.get("line"))),
        city=fhir.text(chosen.get("city")) or "",
        state=state.code if state else fhir.text(chosen.get("state")) or "",
        postal_code=fhir.text(chosen.get("postalCode")) or "",
        country=country,
        coordinates=_coordinates(chosen),
    )
    try:
        checked = checked_address(address)
    except RuleViolation as violation:
        remarks.add(f"address left out: {violation.detail}")
        return state, None
    if checked.coordinates is None:
        remarks.add("the address has no coordinates: it cannot be driven to")
    return state, checked


def _coordinates(address: Any) -> Coordinates | None:
    place = fhir.extension(address, fhir.GEOLOCATION)
    latitude = fhir.number(fhir.extension(place, "latitude").get("valueDecimal"))
    longitude = fhir.number(fhir.extension(place, "longitude").get("valueDecimal"))
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return Coordinates(latitude, longitude)


def _zone(state: State | None, default_zone: str, remarks: Remarks) -> str:
    if state is None:
        remarks.add(f"time zone assumed: {default_zone}")
        return default_zone
    if state.several_zones:
        remarks.add(f"{state.name} has several time zones, {state.zone} assumed")
    return state.zone


def _language(resource: Resource, remarks: Remarks) -> str:
    spoken = sorted(fhir.objects(resource.get("communication")), key=lambda entry: entry.get("preferred") is not True)
    for entry in spoken:
        code = fhir.status_of(entry.get("language"), default="")
        if _LANGUAGE.match(code):
            return code
        if code:
            remarks.add("language left out: not a BCP 47 tag")
    return "en"


def _deceased(resource: Resource) -> bool:
    return resource.get("deceasedBoolean") is True or isinstance(resource.get("deceasedDateTime"), str)


def _sex(resource: Resource) -> str | None:
    """FHIR's administrative gender; unknown, or a code that FHIR does not have, is not known."""
    gender = fhir.text(resource.get("gender"))
    return gender if gender in SEXES else None
