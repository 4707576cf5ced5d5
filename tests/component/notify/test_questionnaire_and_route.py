"""Links to questionnaires and days for therapists."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from fascia.links import QUESTIONNAIRE, read_link

pytestmark = pytest.mark.embedded

NAMES = ("Alva Example", "Bo Example")


def requested(notify: Any, assessment_id: str = "01a20888-dbf3-77bc-9f7f-d9bd0f9d16d3") -> datetime:
    expires_at: datetime = notify.harness.clock.now() + timedelta(days=7)
    notify.harness.deliver(
        "assessment.requested",
        {
            "assessment_id": assessment_id,
            "patient_id": "p1",
            "episode_id": "e1",
            "instrument": "PEG",
            "due_at": notify.harness.clock.now() + timedelta(days=2),
            "expires_at": expires_at,
        },
    )
    return expires_at


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+", text)
    assert found is not None
    return found.group()


def test_a_requested_assessment_is_mailed_with_a_signed_link(notify: Any) -> None:
    notify.patient()
    expires_at = requested(notify)

    notify.tick()

    (mail,) = notify.caught()
    link = link_in(mail.text)
    assert mail.kind == "mail"
    assert link.startswith("http://outcomes.example.org/q/")
    token = link.rpartition("/")[2]
    read = read_link(notify.harness.runtime.keyring, QUESTIONNAIRE, token, notify.harness.clock.now())
    assert (read.subject, read.practice_id) == ("01a20888-dbf3-77bc-9f7f-d9bd0f9d16d3", "demo")
    assert read.expires_at == expires_at
    assert "PEG" not in mail.text + mail.subject


def test_a_text_carries_a_short_link_that_leads_to_the_signed_one(notify: Any) -> None:
    notify.patient(contact_consent={"sms": True, "email": False}, language="es")
    requested(notify)

    notify.tick()

    (text,) = notify.caught("sms")
    assert len(text.text) <= 160
    path = "/l/" + link_in(text.text).rpartition("/")[2]
    answer = notify.harness.anonymous().get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("http://outcomes.example.org/q/")
    assert answer.headers["Location"] not in notify.harness.raw()


def test_a_short_link_that_is_not_known_says_so_on_a_page(notify: Any) -> None:
    answer = notify.harness.anonymous().get("/l/AAAAAAAAAAAA")

    assert answer.status_code == 404
    assert "This link is not known" in answer.get_data(as_text=True)


PAGE = "http://scheduling.example.org/r/" + "t" * 300


def published(
    notify: Any,
    revision: int = 1,
    names: tuple[str, ...] = NAMES,
    page: str | None = None,
    window: tuple[datetime, datetime] | None = None,
    **therapist: Any,
) -> None:
    promised = dict(zip(("promised_from", "promised_until"), window, strict=True)) if window else {}
    first = datetime(2027, 1, 12, 14, 0, tzinfo=UTC)
    notify.harness.deliver(
        "route.published",
        {
            "route_id": "t1:2027-01-12",
            "therapist_id": "t1",
            "therapist": {"name": "Robin Sample", "phone": "+16175550200", "email": "robin@example.org", **therapist},
            "date": date(2027, 1, 12),
            "time_zone": "America/New_York",
            "revision": revision,
            "stops": [
                {
                    "appointment_id": f"a{number}",
                    "starts_at": first + timedelta(hours=2 * number),
                    "ends_at": first + timedelta(hours=2 * number + 1),
                    "drive_minutes": 12 * number,
                    "setting": "mobile",
                    "patient_name": name,
                    **promised,
                    "address": {
                        "line": f"{number} Elm Street",
                        "city": "Boston",
                        "state": "MA",
                        "postal_code": "02101",
                        "country": "US",
                    },
                }
                for number, name in enumerate(names)
            ],
            **({"page_url": page, "page_expires_at": datetime(2027, 1, 13, 9, 0, tzinfo=UTC)} if page else {}),
        },
    )


def test_a_published_day_reaches_the_therapist_by_mail_in_full_and_by_text_in_short(notify: Any) -> None:
    published(notify)

    notify.tick()

    (mail,) = notify.caught("mail")
    assert mail.to == "robin@example.org"
    assert mail.text.index("1. 9:00 AM - 10:00 AM  Alva Example") < mail.text.index(
        "2. 11:00 AM - 12:00 PM  Bo Example (12 min drive)"
    )
    assert "1 Elm Street, Boston 02101" in mail.text
    (text,) = notify.caught("sms")
    assert text.text == ("Harbor Clinic: your day Tue, Jan 12: 2 visits, first at 9:00 AM. Details are in your mail.")


def test_each_revision_is_told_once_and_says_that_it_is_a_change(notify: Any) -> None:
    published(notify, phone=None)
    published(notify, phone=None)
    notify.tick()
    published(notify, revision=2, phone=None)
    notify.tick()

    assert [mail.subject for mail in notify.caught()] == [
        "Your day Tue, Jan 12 (changed): 2 visits",
        "Your day Tue, Jan 12: 2 visits",
    ]


def test_a_revision_that_did_not_go_out_yet_makes_room_for_the_next(notify: Any) -> None:
    published(notify, phone=None)
    published(notify, revision=2, phone=None)

    notify.tick()

    assert [mail.subject for mail in notify.caught()] == ["Your day Tue, Jan 12 (changed): 2 visits"]
    assert [message["state"] for message in notify.messages()] == ["sent", "cancelled"]


def test_a_therapist_who_cannot_be_reached_leaves_a_trace(notify: Any) -> None:
    published(notify, phone=None, email=None)

    notify.tick()

    assert (notify.only()["state"], notify.only()["reason"]) == ("suppressed", "no_address")


def test_a_therapist_reads_messages_to_them_and_no_others(notify: Any) -> None:
    notify.patient()
    notify.session()
    published(notify, phone=None)
    notify.tick()
    therapist = notify.harness.as_("therapist", subject="t1")

    (mine,) = therapist.get("/v1/messages").get_json()["items"]

    assert mine["kind"] == "route"
    assert "Alva Example" in therapist.get(f"/v1/messages/{mine['id']}").get_json()["text"]
    assert therapist.get("/v1/messages", query_string={"recipient_id": "p1"}).get_json()["items"] == []
    other = notify.only(kind="follow_up")["id"]
    assert therapist.get(f"/v1/messages/{other}").status_code == 404


def test_a_published_day_is_sent_with_the_link_to_its_page(notify: Any) -> None:
    published(notify, page=PAGE)

    notify.tick()

    (mail,) = notify.caught("mail")
    assert link_in(mail.text) == PAGE
    (text,) = notify.caught("sms")
    assert len(text.text) <= 160
    assert "2 visits, first at 9:00 AM. http" in text.text
    answer = notify.harness.anonymous().get("/l/" + link_in(text.text).rpartition("/")[2])
    assert answer.headers["Location"] == PAGE
    assert PAGE not in notify.harness.raw()


def test_a_stop_with_a_window_says_what_was_promised(notify: Any) -> None:
    promised = datetime(2027, 1, 12, 14, 0, tzinfo=UTC)
    published(notify, phone=None, window=(promised, promised + timedelta(hours=2)))

    notify.tick()

    assert "1. 9:00 AM - 10:00 AM  Alva Example, promised 9:00 AM-11:00 AM" in notify.caught("mail")[0].text


def calendar_in(mail: Any) -> list[Any]:
    (attached,) = mail.attachments
    assert attached["content_type"] == "text/calendar"
    return list(Calendar.from_ical(attached["text"]).walk("VEVENT"))


def test_the_mail_carries_the_visits_as_a_calendar(notify: Any) -> None:
    published(notify, phone=None)

    notify.tick()

    first, second = calendar_in(notify.caught("mail")[0])
    assert (first["UID"], first["SUMMARY"]) == ("a0.2027-01-12@fascia", "Visit 1 of 2")
    assert (first["STATUS"], first["CLASS"]) == ("CONFIRMED", "PRIVATE")
    assert first["DTSTART"].dt == datetime(2027, 1, 12, 14, 0, tzinfo=UTC)
    assert second["LOCATION"] == "Boston, MA"
    calendar = str(notify.caught("mail")[0].attachments)
    assert not any(private in calendar for private in ("Alva", "Example", "Elm Street"))
    assert second["DTEND"].dt - second["DTSTART"].dt == timedelta(hours=1)


def test_a_visit_that_is_gone_is_taken_out_of_the_calendar_again(notify: Any) -> None:
    published(notify, phone=None)
    notify.tick()
    published(notify, revision=2, names=("Alva Example",), phone=None)
    published(notify, revision=3, names=("Alva Example",), phone=None)
    notify.tick()

    kept, gone = calendar_in(notify.caught("mail")[0])

    assert (kept["UID"], kept["SEQUENCE"]) == ("a0.2027-01-12@fascia", 3)
    assert (gone["UID"], gone["STATUS"]) == ("a1.2027-01-12@fascia", "CANCELLED")
