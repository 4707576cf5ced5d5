"""FHIR resources as other systems write them, read without assuming anything."""

from __future__ import annotations

from typing import Any

import pytest

from records_svc.imports import fhir
from records_svc.imports.fhir import Unusable
from records_svc.imports.identity import imported_id
from records_svc.imports.line import Line, LineResult, lines_of
from records_svc.imports.patient_mapping import Remarks, details_of
from records_svc.imports.us_states import state_of
from records_svc.patients.patient import PatientDetails

ZONE = "America/New_York"


def mapped(**changes: Any) -> tuple[PatientDetails, list[str]]:
    resource = {
        "id": "p1",
        "name": [{"use": "maiden", "family": "Old"}, {"use": "official", "family": "New", "given": ["Ada", "B."]}],
        "birthDate": "1980-05-17",
        **changes,
    }
    remarks = Remarks()
    return details_of(resource, ZONE, remarks), remarks.texts


def address(**changes: Any) -> dict[str, Any]:
    place = {
        "url": fhir.GEOLOCATION,
        "extension": [
            {"url": "latitude", "valueDecimal": 42.37},
            {"url": "longitude", "valueDecimal": -71.1},
        ],
    }
    return {
        "extension": [place],
        "line": ["1 Sample Street"],
        "city": "Cambridge",
        "state": "Massachusetts",
        "postalCode": "02139",
        "country": "US",
        **changes,
    }


def test_the_official_name_is_taken() -> None:
    details, _ = mapped()
    assert (details.given_name, details.family_name) == ("Ada B.", "New")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ([{"text": "Ada Sample"}], ("Ada", "Sample")),
        ([{"text": "Mononym"}], ("Mononym", "Mononym")),
        ({"family": "Sample", "given": ["Ada"]}, ("Ada", "Sample")),
        ([{"family": "Sample"}], ("Sample", "Sample")),
    ],
)
def test_names_in_other_shapes_are_understood(name: Any, expected: tuple[str, str]) -> None:
    details, _ = mapped(name=name)
    assert (details.given_name, details.family_name) == expected


def test_an_address_gets_codes_coordinates_and_the_zone_of_its_state() -> None:
    details, remarks = mapped(address=[address(use="old", city="Elsewhere"), address()])
    assert details.address is not None
    assert (details.address.city, details.address.state, details.time_zone) == ("Cambridge", "MA", ZONE)
    assert details.address.coordinates is not None
    assert remarks == []


def test_an_address_that_cannot_be_used_is_left_out_with_a_remark() -> None:
    details, remarks = mapped(address=[address(state="Atlantis")])
    assert details.address is None
    assert any("address left out" in remark for remark in remarks)


def test_an_address_without_a_place_is_kept_with_a_remark() -> None:
    details, remarks = mapped(address=[address(extension=[])])
    assert details.address is not None
    assert details.address.coordinates is None
    assert any("no coordinates" in remark for remark in remarks)


def test_consent_is_never_assumed() -> None:
    details, _ = mapped(telecom=[{"system": "phone", "value": "617-555-0101"}])
    assert details.phone == "+16175550101"
    assert not details.contact_consent.sms
    assert not details.contact_consent.email


def test_the_mobile_number_comes_first() -> None:
    telecom = [
        {"system": "phone", "value": "617-555-0101", "use": "home"},
        {"system": "phone", "value": "617-555-0102", "use": "mobile"},
        {"system": "email", "value": "Ada@Example.org"},
    ]
    details, _ = mapped(telecom=telecom)
    assert (details.phone, details.email) == ("+16175550102", "Ada@example.org")


@pytest.mark.parametrize(
    ("element", "deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2020"}, True),
    ],
)
def test_who_died_is_flagged(element: dict[str, Any], deceased: bool) -> None:
    assert mapped(**element)[0].deceased is deceased


@pytest.mark.parametrize("value", [None, 7, "", "1980", "1980-05", "1980-13-01", "17.05.1980", ["1980-05-17"]])
def test_a_birth_date_that_is_none_makes_the_patient_unusable(value: Any) -> None:
    with pytest.raises(Unusable):
        mapped(birthDate=value)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("urn:uuid:7777f4bb-9c19-42fe-b09a-cd791ea99ac2", "7777f4bb-9c19-42fe-b09a-cd791ea99ac2"),
        ("Patient/p1", "p1"),
        ("https://example.org/fhir/Patient/p1/_history/3", "p1"),
        ("#contained one", None),
        (7, None),
    ],
)
def test_references_are_read_in_every_form(reference: Any, expected: str | None) -> None:
    assert fhir.referred_id({"reference": reference}) == expected


def test_the_same_source_means_the_same_record_within_a_practice() -> None:
    assert imported_id("demo", "Patient", "p1") == imported_id("demo", "Patient", "p1")
    ids = {
        imported_id(*key) for key in (("demo", "Patient", "p1"), ("demo", "Condition", "p1"), ("b", "Patient", "p1"))
    }
    assert len(ids) == 3


def test_states_are_known_by_name_and_code() -> None:
    assert state_of(" massachusetts ") == state_of("MA")
    assert state_of("new  hampshire") is not None
    assert state_of("Bavaria") is None


def test_lines_keep_the_numbers_of_their_file() -> None:
    lines = list(lines_of(b'{"id":"1"}\n\n{"id":\n[]\r\n{"id":"5"}', 41))
    numbers = [line.number if isinstance(line, Line) else line.line for line in lines]
    assert numbers == [41, 43, 44, 45]
    assert [isinstance(line, LineResult) for line in lines] == [False, True, True, False]
