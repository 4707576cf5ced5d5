"""The dispatcher is warned of a promise at risk, and told who, why and what can be done."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fascia.links import BOARD, read_link

pytestmark = pytest.mark.embedded

PROMISED_UNTIL = datetime(2027, 1, 12, 15, 30, tzinfo=UTC)  # 10:30 at Boston


def name_contact(notify: Any, path: str = "/v1/dispatch-contact", phone: str | None = "+16175550300") -> None:
    body = {"name": "Desk", "phone": phone, "email": "desk@example.org"}
    answer = notify.harness.as_("admin").put(path, body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.get_data(as_text=True)


def at_risk(notify: Any, version: int = 1, late_minutes: int = 10, **changes: object) -> None:
    notify.harness.deliver(
        "route.promise_at_risk",
        {
            "risk_id": "r1",
            "version": version,
            "route_id": "t1:2027-01-12",
            "therapist_id": "t1",
            "date": date(2027, 1, 12),
            "appointment_id": "a1",
            "patient_id": "p1",
            "cause": "running_late",
            "promised_until": PROMISED_UNTIL,
            "expected_at": PROMISED_UNTIL,
            "late_minutes": late_minutes,
            "time_zone": "America/New_York",
            "local_promised_until": "2027-01-12T10:30",
            "proposals": [
                {"kind": "other_therapist", "therapist_id": "t2", "starts_at": PROMISED_UNTIL, "added_drive_minutes": 9}
            ],
            **changes,
        },
    )


def test_the_desk_is_told_by_text_and_mail_at_any_hour(notify: Any) -> None:
    name_contact(notify)

    at_risk(notify)
    notify.tick()

    (text,), (mail,) = notify.caught("sms"), notify.caught("mail")
    said = "Harbor Clinic: a visit promised by 10:30 AM on Tue, Jan 12 is at risk: 10 min late. http"
    assert text.text.startswith(said)
    assert (mail.to, mail.subject) == ("desk@example.org", "Promise at risk: Tue, Jan 12, 10:30 AM")
    assert "- somebody else takes it, at 10:30 AM (9 min more driving)" in mail.text


def test_the_warning_leads_to_the_board_of_the_day_until_the_night_after(notify: Any) -> None:
    name_contact(notify)

    at_risk(notify)
    notify.tick()

    found = re.search(r"http://scheduling.example.org/b/(\S+)", notify.caught("mail")[0].text)
    assert found is not None
    link = read_link(notify.harness.runtime.keyring, BOARD, found[1], notify.harness.clock.now())
    assert (link.subject, link.practice_id) == ("2027-01-12", "demo")
    assert link.expires_at == datetime(2027, 1, 13, 9, 0, tzinfo=UTC)
    short = notify.caught("sms")[0].text.rpartition("/l/")[2]
    answer = notify.harness.anonymous().get(f"/l/{short}")
    assert answer.headers["Location"].startswith("http://scheduling.example.org/b/")


def test_the_warning_names_no_patient(notify: Any) -> None:
    notify.patient()
    name_contact(notify)

    at_risk(notify)
    notify.tick()

    assert all("Alva" not in message.text and "Example" not in message.text for message in notify.caught())


def test_a_visit_that_nobody_can_make_is_called_that(notify: Any) -> None:
    name_contact(notify, phone=None)

    at_risk(notify, expected_at=None)
    notify.tick()

    assert "nobody can make it" in notify.caught("mail")[0].text


def test_of_two_states_of_a_risk_that_were_not_told_yet_the_newer_is_told(notify: Any) -> None:
    name_contact(notify, phone=None)

    at_risk(notify)
    at_risk(notify, version=2, late_minutes=25)
    notify.tick()

    (mail,) = notify.caught("mail")
    assert "25 min late" in mail.text


def test_without_a_dispatcher_the_escalation_contact_is_told(notify: Any) -> None:
    name_contact(notify, "/v1/escalation-contact")

    at_risk(notify)
    notify.tick()

    assert len(notify.caught()) == 2


def test_where_nobody_was_named_the_message_that_was_not_sent_says_so(notify: Any) -> None:
    at_risk(notify)
    notify.tick()

    message = notify.only(kind="dispatch_warning")
    assert (message["state"], message["reason"]) == ("suppressed", "no_address")


def test_a_contact_is_changed_by_whoever_saw_it(notify: Any) -> None:
    name_contact(notify)
    body = {"name": "Desk", "phone": None, "email": None}
    admin = notify.harness.as_("admin")

    assert admin.put("/v1/dispatch-contact", body, headers={"If-Match": '"1"'}).status_code == 412
    assert admin.put("/v1/dispatch-contact", body, headers={"If-Match": '"2"'}).status_code == 422
    assert admin.get("/v1/dispatch-contact").get_json()["name"] == "Desk"


def test_a_visit_given_up_on_the_road_is_told_to_the_desk_once(notify: Any) -> None:
    name_contact(notify, phone=None)
    for _ in range(2):
        notify.harness.deliver(
            "visit.given_up",
            {
                "given_up_id": "a1:t1",
                "version": 1,
                "appointment_id": "a1",
                "therapist_id": "t1",
                "patient_id": "p1",
                "date": date(2027, 1, 12),
                "time_zone": "America/New_York",
                "starts_at": PROMISED_UNTIL,
                "local_start": "2027-01-12T10:30",
                "promised_until": PROMISED_UNTIL,
                "why": "no_entry",
                "said_at": PROMISED_UNTIL,
            },
        )
    notify.tick()

    (mail,) = notify.caught("mail")
    assert mail.subject == "Given up on the road: Tue, Jan 12, 10:30 AM"
    assert "Why: nobody opened" in mail.text
