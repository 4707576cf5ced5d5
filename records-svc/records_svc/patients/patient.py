"""A patient: who it is and how they are reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from fascia.localtime import local_date, zone_of
from fascia.problem import Conflict, RuleViolation
from records_svc.patients.contact import Address, ContactConsent, checked_address, normalised_email, normalised_phone

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# Nobody is known to have lived longer than 122 years.
_OLDEST_YEARS = 125
ADULT_YEARS = 18
NO_CONSENT = ContactConsent()
SEXES = ("female", "male", "other")


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A person in the practice's care, as of `version`.

    `deceased` patients keep their record but may not be messaged or booked. `imported` marks a record that came from
    another system; a later import may change it. `sex` is None where it is not known; results are adjusted for it.
    """

    id: str
    version: int
    given_name: str
    family_name: str
    birth_date: date
    phone: str | None
    email: str | None
    address: Address | None
    time_zone: str
    language: str
    contact_consent: ContactConsent
    door_notes: str
    deceased: bool
    sex: str | None
    imported: bool
    registered_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class PatientDetails:
    """What is said about a patient when they register; unchecked."""

    given_name: str
    family_name: str
    birth_date: date
    time_zone: str
    phone: str | None = None
    email: str | None = None
    address: Address | None = None
    language: str = "en"
    contact_consent: ContactConsent = NO_CONSENT
    door_notes: str = ""
    deceased: bool = False
    sex: str | None = None


def register(details: PatientDetails, patient_id: str, now: datetime, *, imported: bool = False) -> Patient:
    """A new patient in canonical form; raises RuleViolation naming the field."""
    draft = Patient(
        id=patient_id,
        version=1,
        imported=imported,
        registered_at=now,
        updated_at=now,
        **{name: getattr(details, name) for name in CHANGEABLE},
    )
    return _checked(draft, now)


CHANGEABLE = (
    "given_name",
    "family_name",
    "birth_date",
    "phone",
    "email",
    "address",
    "time_zone",
    "language",
    "contact_consent",
    "door_notes",
    "deceased",
    "sex",
)


def change(patient: Patient, changes: Mapping[str, Any], now: datetime) -> Patient:
    """The patient after the changes, one version on; the very same patient when nothing differs."""
    changed = _checked(replace(patient, **dict(changes)), now)
    if changed == patient:
        return patient
    return replace(changed, version=patient.version + 1, updated_at=now)


def require_living(patient: Patient) -> None:
    """Raise Conflict for a patient who died: their record is kept, care is not planned any more."""
    if patient.deceased:
        raise Conflict("patient-deceased", "This patient is recorded as deceased. If that is wrong, correct it first.")


def is_minor(patient: Patient, now: datetime) -> bool:
    """Under 18 on the present day where the patient lives."""
    return age(patient.birth_date, local_date(now, patient.time_zone)) < ADULT_YEARS


def age(birth_date: date, on: date) -> int:
    """Completed years on a day."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def published_state(patient: Patient) -> dict[str, Any]:
    """The patient as patient.registered and patient.updated carry it."""
    return {
        "patient_id": patient.id,
        "version": patient.version,
        **{name: getattr(patient, name) for name in CHANGEABLE},
        "address": asdict(patient.address) if patient.address else None,
        "contact_consent": asdict(patient.contact_consent),
    }


def _checked(patient: Patient, now: datetime) -> Patient:
    zone_of(patient.time_zone)
    _check_birth_date(patient.birth_date, local_date(now, patient.time_zone))
    if not _LANGUAGE.fullmatch(patient.language):
        raise RuleViolation(
            "invalid-language", "The language is not a BCP 47 tag.", "language", "For example en, es or pt-BR."
        )
    country = patient.address.country if patient.address else "US"
    checked = replace(
        patient,
        given_name=_name(patient.given_name, "given_name"),
        family_name=_name(patient.family_name, "family_name"),
        phone=normalised_phone(patient.phone, country=country) if patient.phone else None,
        email=normalised_email(patient.email) if patient.email else None,
        address=checked_address(patient.address) if patient.address else None,
        door_notes=patient.door_notes.strip(),
    )
    _check_consent(checked)
    return checked


def _name(text: str, field: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise RuleViolation("missing-name", "A patient has a name.", field, "Send the name; a single name is both.")
    return name


def _check_birth_date(birth_date: date, today: date) -> None:
    if birth_date > today:
        raise RuleViolation("invalid-birth-date", "The birth date is in the future.", "birth_date", "Check the year.")
    if age(birth_date, today) > _OLDEST_YEARS:
        raise RuleViolation(
            "invalid-birth-date", f"That is more than {_OLDEST_YEARS} years ago.", "birth_date", "Check the year."
        )


def _check_consent(patient: Patient) -> None:
    for channel, address in (("sms", patient.phone), ("email", patient.email)):
        if getattr(patient.contact_consent, channel) and not address:
            raise RuleViolation(
                "consent-without-contact",
                f"There is consent to {channel} but nowhere to send it.",
                f"contact_consent.{channel}",
                f"Send the patient's {'phone' if channel == 'sms' else 'email'}, or {channel}: false.",
            )
