"""Phone, mail and address in one canonical form."""

from __future__ import annotations

import pytest

from fascia.problem import RuleViolation
from records_svc.patients.contact import Address, checked_address, normalised_email, normalised_phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("617-555-0101", "+16175550101"),
        ("(617) 555 0101", "+16175550101"),
        ("1.617.555.0101", "+16175550101"),
        ("+1 617 555 0101", "+16175550101"),
        ("+44 20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
    ],
)
def test_a_phone_number_becomes_e164(text: str, expected: str) -> None:
    assert normalised_phone(text) == expected


@pytest.mark.parametrize(
    "text", ["", "555-0101", "117-555-0101", "617-555-0101 x12", "+1617555010", "+0123456789", "call me", "١٢٣٤٥٦٧٨٩٠"]
)
def test_what_is_no_phone_number_is_refused_with_a_fix(text: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        normalised_phone(text, "contact.phone")
    assert refusal.value.errors[0].field == "contact.phone"
    assert refusal.value.errors[0].fix


def test_a_foreign_number_needs_its_country_code() -> None:
    with pytest.raises(RuleViolation):
        normalised_phone("2079460018", country="GB")


def test_a_mail_address_keeps_its_local_part() -> None:
    assert normalised_email(" Ada.L@Example.ORG ") == "Ada.L@example.org"


@pytest.mark.parametrize("text", ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@example", "ada@ex..org"])
def test_what_is_no_mail_address_is_refused(text: str) -> None:
    with pytest.raises(RuleViolation):
        normalised_email(text)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"state": "Massachusetts"}, "address.state"),
        ({"postal_code": "2139"}, "address.postal_code"),
        ({"country": "USA"}, "address.country"),
    ],
)
def test_an_address_is_refused_by_its_field(changes: dict[str, str], field: str) -> None:
    parts = {"line": "1 Sample Street", "city": "Cambridge", "state": "ma", "postal_code": "02139", "country": "us"}
    assert checked_address(Address(**parts)).state == "MA"
    with pytest.raises(RuleViolation) as refusal:
        checked_address(Address(**{**parts, **changes}))
    assert refusal.value.errors[0].field == field
