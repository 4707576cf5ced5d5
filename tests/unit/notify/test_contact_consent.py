"""Who may be messaged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notify_svc.contacts.contact import Consent, Contact, from_patient

NOW = datetime(2027, 1, 11, 15, 0, tzinfo=UTC)


def patient(version: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "patient_id": "p1",
        "version": version,
        "given_name": "Alva",
        "family_name": "Example",
        "phone": "+16175550100",
        "email": "alva@example.org",
        "time_zone": "America/New_York",
        "language": "en",
        "contact_consent": {"sms": True, "email": True},
        **changes,
    }


def contact(**changes: Any) -> Contact:
    made = from_patient(patient(**changes), None)
    assert made is not None
    return made


def after(known: Contact, **changes: Any) -> Contact:
    changed = from_patient(patient(**changes), known)
    assert changed is not None
    return changed


@pytest.mark.parametrize("version", [1, 0])
def test_an_old_event_changes_nothing(version: int) -> None:
    assert from_patient(patient(version), contact()) is None


def test_consent_follows_the_record_when_the_record_changes() -> None:
    known = contact()

    assert not after(known, version=2, contact_consent={"sms": False, "email": True}).consent.sms


def test_consent_set_here_outlives_a_change_of_something_else() -> None:
    known = contact().with_consent(Consent(sms=False, email=True))

    assert not after(known, version=2, family_name="Other").consent.sms


def test_an_opt_out_outranks_consent_and_keeps_its_first_moment() -> None:
    out = contact().opt_out("sms", NOW)

    assert out.refusal("sms") == "opted_out"
    assert out.refusal("email") is None
    assert out.opt_out("sms", NOW + timedelta(days=1)) is out
    assert after(out, version=2, phone="+16175550101").refusal("sms") == "opted_out"


def test_asking_for_texts_again_is_consent() -> None:
    out = contact(contact_consent={"sms": False, "email": False}).opt_out("sms", NOW)

    assert out.opt_in("sms").refusal("sms") is None
    assert out.opt_in("sms").refusal("email") == "no_consent"


def test_consent_that_staff_take_away_keeps_the_opt_out() -> None:
    out = contact().opt_out("sms", NOW)

    assert "sms" in out.with_consent(Consent(sms=False, email=True)).opted_out
    assert "sms" not in out.with_consent(Consent(sms=True, email=True)).opted_out


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"phone": None}, "no_address"),
        ({"contact_consent": {"sms": False, "email": True}}, "no_consent"),
        ({"deceased": True}, "deceased"),
    ],
)
def test_the_reason_is_named(changes: dict[str, Any], reason: str) -> None:
    assert contact(**changes).refusal("sms") == reason
