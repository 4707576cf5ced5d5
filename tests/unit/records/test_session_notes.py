"""Session notes and the visits that they belong to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fascia.problem import Conflict, Forbidden, RuleViolation
from records_svc.evaluation.measure import Measure
from records_svc.notes.session_note import (
    SessionNote,
    Soap,
    State,
    Treatment,
    amend,
    completed_event,
    discard,
    enter_in_error,
    rewrite,
    sign,
    write,
)
from records_svc.notes.visit import Visit, newer

NOW = datetime(2027, 1, 11, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
VISIT = Visit(
    appointment_id="a",
    version=2,
    patient_id="p",
    therapist_id="t",
    claim_id="c",
    service_type="massage-60",
    setting="mobile",
    location_id=None,
    starts_at=NOW,
    ends_at=NOW + HOUR,
    time_zone="America/New_York",
    status="completed",
    started_at=NOW,
    ended_at=NOW + timedelta(seconds=2),
)
TREATMENT = Treatment(
    soap=Soap("s", "o", "a", "p"),
    techniques=("stretching",),
    areas=("neck",),
    treated_minutes=45,
    measures=(Measure("NPRS", {"pain": 6.0}),),
)


def drafted(treatment: Treatment = TREATMENT) -> SessionNote:
    return write(treatment, VISIT, note_id="n", author="t", now=NOW)


def signed(visit: Visit = VISIT, signer: str = "t", signed_already: str | None = None) -> SessionNote:
    return sign(
        drafted(), visit, signer=signer, signed_already=signed_already, condition_codes=("M54.2",), now=NOW + HOUR
    )


def test_a_signed_note_says_what_the_session_was_in_codes_and_numbers() -> None:
    event = completed_event(signed(), VISIT)
    assert (event["session_id"], event["version"], event["treated_minutes"]) == ("n", 2, 45)
    assert event["measures"] == [{"instrument": "NPRS", "answers": {"pain": 6.0}}]
    assert not {"soap", "subjective", "techniques"} & set(event)


@pytest.mark.parametrize("status", ["booked", "confirmed", "arrived", "in_progress", "cancelled"])
def test_a_note_is_signed_only_when_the_visit_is_completed(status: str) -> None:
    with pytest.raises(Conflict):
        signed(replace(VISIT, status=status))


def test_a_visit_has_one_signed_note_by_its_own_therapist() -> None:
    with pytest.raises(Conflict):
        signed(signed_already="other")
    with pytest.raises(Forbidden):
        signed(signer="u")
    with pytest.raises(Forbidden):
        signed(replace(VISIT, therapist_id="u"))


def test_nobody_treats_for_longer_than_the_visit() -> None:
    with pytest.raises(RuleViolation):
        drafted(replace(TREATMENT, treated_minutes=61))
    longer = replace(VISIT, ended_at=NOW + timedelta(minutes=70))
    assert write(replace(TREATMENT, treated_minutes=61), longer, note_id="n", author="t", now=NOW).version == 1


@pytest.mark.parametrize(
    ("treatment", "field"),
    [
        (replace(TREATMENT, soap=Soap("s", " ", "a", "p")), "soap.objective"),
        (replace(TREATMENT, techniques=()), "techniques"),
        (replace(TREATMENT, areas=()), "areas"),
    ],
)
def test_an_incomplete_note_stays_a_draft(treatment: Treatment, field: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        sign(drafted(treatment), VISIT, signer="t", signed_already=None, condition_codes=(), now=NOW)
    assert refusal.value.errors[0].field == field


def test_amendments_are_appended_and_keep_what_was_said_before() -> None:
    shorter, longer = replace(TREATMENT, treated_minutes=30), replace(TREATMENT, treated_minutes=50)
    once = amend(signed(), shorter, VISIT, signer="t", reason="typing error", now=NOW)
    twice = amend(once, longer, VISIT, signer="t", reason="again", now=NOW)
    assert (twice.state, twice.version) == (State.AMENDED, 4)
    assert [amendment.before.treated_minutes for amendment in twice.amendments] == [45, 30]


def test_what_is_over_cannot_be_changed() -> None:
    gone = discard(drafted(), "t")
    wrong = enter_in_error(signed(), signer="t", reason="wrong patient")
    for note in (gone, wrong):
        with pytest.raises(Conflict):
            rewrite(note, TREATMENT, VISIT, "t")
        with pytest.raises(Conflict):
            amend(note, TREATMENT, VISIT, signer="t", reason="x", now=NOW)
    with pytest.raises(Conflict):
        discard(signed(), "t")
    with pytest.raises(Conflict):
        rewrite(signed(), TREATMENT, VISIT, "t")


def test_an_event_that_was_overtaken_is_not_news() -> None:
    assert newer(VISIT, replace(VISIT, version=1, status="booked")) is None
    assert newer(VISIT, VISIT) is None
    assert newer(None, VISIT) is VISIT
