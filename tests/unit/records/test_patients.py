"""Patients: registering, changing, and who counts as a minor."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from fascia.problem import RuleViolation
from records_svc.evaluation.diagnosis import leaf_codes
from records_svc.patients.contact import ContactConsent
from records_svc.patients.patient import Patient, PatientDetails, age, change, is_minor, register

NOW = datetime(2027, 1, 11, 3, tzinfo=UTC)  # still 10 January in Boston
DETAILS = PatientDetails(
    given_name=" Ada  Maria ", family_name="Sample", birth_date=date(2009, 1, 11), time_zone="America/New_York"
)


def registered(details: PatientDetails = DETAILS) -> Patient:
    return register(details, "p", NOW)


def test_a_patient_starts_at_version_one_in_canonical_form() -> None:
    patient = registered(replace(DETAILS, phone="617 555 0101"))
    assert (patient.version, patient.given_name, patient.phone) == (1, "Ada Maria", "+16175550101")


def test_a_change_raises_the_version_once_and_only_when_something_differs() -> None:
    patient = registered()
    assert change(patient, {"given_name": "Ada Maria"}, NOW) is patient
    assert change(patient, {"given_name": "Ada"}, NOW).version == 2


def test_a_minor_comes_of_age_by_the_calendar_where_they_live() -> None:
    assert is_minor(registered(), NOW)
    assert not is_minor(registered(replace(DETAILS, time_zone="Europe/Berlin")), NOW)


def test_whoever_is_born_on_a_leap_day_ages_in_march() -> None:
    assert age(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_consent_without_anywhere_to_send_is_refused() -> None:
    with pytest.raises(RuleViolation) as refusal:
        registered(replace(DETAILS, contact_consent=ContactConsent(sms=True)))
    assert refusal.value.errors[0].field == "contact_consent.sms"


def test_taking_the_number_away_needs_the_consent_taken_back() -> None:
    patient = registered(replace(DETAILS, phone="617 555 0101", contact_consent=ContactConsent(sms=True)))
    with pytest.raises(RuleViolation):
        change(patient, {"phone": None}, NOW)
    assert change(patient, {"phone": None, "contact_consent": ContactConsent()}, NOW).phone is None


def test_codes_are_leaves_in_dotted_form_each_once() -> None:
    assert leaf_codes(["m542", "M54.2", "G43.909"]) == ("M54.2", "G43.909")


@pytest.mark.parametrize("code", ["M54.5", "M54", "XX", "", "chapter", "A00-A09", "13"])
def test_what_is_no_leaf_is_refused_by_position(code: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        leaf_codes(["M54.2", code])
    assert refusal.value.errors[0].field == "condition_codes.1"
