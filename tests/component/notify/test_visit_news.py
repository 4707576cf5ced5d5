"""A patient is told what changed of a visit: once, in time, and only what is worth a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

NOON = datetime(2027, 1, 21, 17, 0, tzinfo=UTC)  # at Boston
AT_NOON = {"starts_at": NOON, "local_start": "2027-01-21T12:00"}
WINDOW = {**AT_NOON, "promised_from": NOON - timedelta(hours=1), "promised_until": NOON + timedelta(hours=1)}


def day_of_the_visit(notify: Any, hour: int = 10) -> None:
    """It is the day of the visit, so many o'clock at Boston."""
    notify.harness.clock.advance(NOON + timedelta(hours=hour - 12) - notify.harness.clock.now())


def confirm(notify: Any, which: str, **more: object) -> None:
    body = {"sender_name": "Harbor Clinic", "quiet_hours": None, "booking_confirmation": which, **more}
    present = notify.harness.as_("admin").get("/v1/messaging-policy").headers["ETag"]
    answer = notify.harness.as_("admin").put("/v1/messaging-policy", body, headers={"If-Match": present})
    assert answer.status_code == 200, answer.get_data(as_text=True)


def said(notify: Any, kind: str) -> list[str]:
    return [message["state"] for message in notify.messages(kind=kind)]


def test_a_booking_with_a_window_is_confirmed_with_it(notify: Any) -> None:
    notify.patient()

    notify.appointment(**WINDOW)
    notify.tick()

    (text,) = notify.caught("sms")
    assert text.text == (
        "Harbor Clinic: your visit is booked for Thu, Jan 21 between 11:00 AM and 1:00 PM. "
        "Reply R and we call you. STOP to end texts."
    )


@pytest.mark.parametrize(("which", "texts"), [("never", 0), ("windows", 0), ("always", 1)])
def test_a_practice_says_whether_a_booking_of_one_moment_is_confirmed(notify: Any, which: str, texts: int) -> None:
    notify.patient()
    confirm(notify, which)

    notify.appointment(**AT_NOON)
    notify.tick()

    assert len(notify.caught("sms")) == texts


def test_a_practice_that_confirms_nothing_confirms_no_window_either(notify: Any) -> None:
    notify.patient()
    confirm(notify, "never")

    notify.appointment(**WINDOW)

    assert said(notify, "booking") == []


def test_which_bookings_are_confirmed_is_named_or_refused(notify: Any) -> None:
    body = {"sender_name": "Harbor Clinic", "quiet_hours": None, "booking_confirmation": "sometimes"}

    answer = notify.harness.as_("admin").put("/v1/messaging-policy", body, headers={"If-Match": '"1"'})

    assert answer.status_code == 422
    assert "booking_confirmation" in answer.get_data(as_text=True)


def test_the_reminder_of_a_window_says_the_window(notify: Any) -> None:
    notify.patient()
    confirm(notify, "never")
    notify.appointment(**WINDOW)

    day_of_the_visit(notify)
    notify.tick()

    assert "Thu, Jan 21 at about 12:00 PM (11:00 AM-1:00 PM)" in notify.caught("sms")[0].text


def test_a_new_time_is_told_once(notify: Any) -> None:
    notify.patient()
    notify.appointment(**AT_NOON)

    for _ in range(2):
        notify.appointment("appointment.moved", NOON + timedelta(days=1), version=2, local_start="2027-01-22T12:00")
    notify.tick()

    (text,) = notify.caught("sms")
    assert "your visit is now on Fri, Jan 22 at 12:00 PM" in text.text
    assert "STOP" in text.text


def test_a_change_that_is_not_worth_a_message_is_not_told(notify: Any) -> None:
    notify.patient()
    notify.appointment(**AT_NOON)

    notify.appointment("appointment.moved", version=2, tell_patient=False, therapist_id="t2", **AT_NOON)
    notify.tick()

    assert said(notify, "moved") == []
    assert notify.caught() == []


def test_of_two_changes_in_the_night_the_last_alone_is_told(notify: Any) -> None:
    notify.patient()
    notify.appointment(**AT_NOON)
    notify.harness.clock.advance(timedelta(hours=12))  # 21:00 at Boston
    for version, hours in ((2, 1), (3, 2)):
        moved_to = NOON + timedelta(hours=hours)
        notify.appointment("appointment.moved", moved_to, version=version, local_start=f"2027-01-21T{12 + hours}:00")
    notify.tick()
    assert notify.caught() == []

    notify.harness.clock.advance(timedelta(hours=12))
    notify.tick()

    (text,) = notify.caught("sms")
    assert "2:00 PM" in text.text


def test_a_confirmation_that_waits_for_the_morning_says_the_time_as_it_is_by_then(notify: Any) -> None:
    notify.patient()
    notify.harness.clock.advance(timedelta(hours=12))
    notify.appointment(**WINDOW)
    later = {name: value + timedelta(hours=2) for name, value in WINDOW.items() if name != "local_start"}

    notify.appointment("appointment.moved", version=2, local_start="2027-01-21T14:00", tell_patient=False, **later)
    notify.harness.clock.advance(timedelta(hours=12))
    notify.tick()

    (text,) = notify.caught("sms")
    assert "is booked for Thu, Jan 21 between 1:00 PM and 3:00 PM" in text.text


def test_a_visit_that_the_practice_cancels_is_told(notify: Any) -> None:
    notify.patient()
    notify.appointment(**AT_NOON)

    notify.appointment("appointment.cancelled", version=2, late=False, reason="practice", **AT_NOON)
    notify.tick()

    (text,) = notify.caught("sms")
    assert "we cannot keep your visit on Thu, Jan 21 at 12:00 PM" in text.text


@pytest.mark.parametrize("reason", ["patient", "no_show"])
def test_who_cancelled_themselves_or_was_not_there_is_told_nothing_new(notify: Any, reason: str) -> None:
    notify.patient()
    notify.appointment(**AT_NOON)

    notify.appointment("appointment.cancelled", version=2, late=False, reason=reason, **AT_NOON)

    assert said(notify, "cancellation") == []


def late(notify: Any, estimate: int = 1, minutes: int = 30, **changes: object) -> None:
    expected_at = NOON + timedelta(minutes=minutes)
    notify.harness.deliver(
        "visit.eta_changed",
        {
            "appointment_id": "a1",
            "version": 3,
            "estimate": estimate,
            "patient_id": "p1",
            "therapist_id": "t1",
            "setting": "mobile",
            "starts_at": NOON,
            "told_at": NOON,
            "expected_at": expected_at,
            "promised_until": NOON,
            "late_minutes": minutes,
            "time_zone": "America/New_York",
            "local_expected": f"2027-01-21T12:{minutes:02}",
            **changes,
        },
    )


def test_who_waits_is_told_when_the_visit_is_expected(notify: Any) -> None:
    notify.patient()
    day_of_the_visit(notify)

    late(notify)
    notify.tick()

    (text,) = notify.caught("sms")
    assert "we now expect your visit today to begin at about 12:30 PM" in text.text


def test_the_newest_estimate_alone_is_told(notify: Any) -> None:
    notify.patient()
    notify.appointment(**AT_NOON)
    day_of_the_visit(notify)
    notify.tick()
    reminded = len(notify.caught())

    late(notify, estimate=1, minutes=20)
    late(notify, estimate=2, minutes=40)
    late(notify, estimate=1, minutes=20)
    notify.tick()

    news = notify.caught("sms")[: len(notify.caught()) - reminded]
    assert ["12:40 PM" in text.text for text in news] == [True]


def test_an_estimate_of_a_visit_that_was_moved_since_is_void(notify: Any) -> None:
    notify.patient()
    notify.appointment("appointment.moved", NOON + timedelta(days=1), version=4, local_start="2027-01-22T12:00")
    day_of_the_visit(notify)
    before = len(notify.messages(kind="running_late"))

    late(notify)

    assert len(notify.messages(kind="running_late")) == before == 0


def test_what_is_urgent_is_told_although_the_limit_of_texts_is_reached(notify: Any) -> None:
    notify.patient()
    confirm(notify, "never", texts_per_day=1)
    day_of_the_visit(notify)
    notify.session()
    notify.tick()

    late(notify)
    notify.tick()

    assert [message.kind for message in notify.caught()] == ["sms", "sms"]


def test_what_is_urgent_goes_by_mail_in_quiet_hours(notify: Any) -> None:
    notify.patient()
    day_of_the_visit(notify, hour=8)

    late(notify)
    notify.tick()

    assert [message.kind for message in notify.caught()] == ["mail"]


def test_nothing_is_so_urgent_that_an_opt_out_does_not_count(notify: Any) -> None:
    notify.patient(contact_consent={"sms": False, "email": False})
    day_of_the_visit(notify)

    late(notify)
    notify.tick()

    assert notify.caught() == []
    assert notify.only()["reason"] == "no_consent"


def test_a_visit_that_is_over_is_not_spoken_of(notify: Any) -> None:
    notify.patient(contact_consent={"sms": True, "email": False})
    notify.appointment(**AT_NOON)
    day_of_the_visit(notify, hour=8)
    late(notify)

    notify.appointment("appointment.completed", version=9, started_at=NOON, ended_at=NOON, **AT_NOON)
    day_of_the_visit(notify, hour=10)
    notify.tick()

    assert said(notify, "running_late") == ["cancelled"]
