"""An alert reaches a person at once, by text and mail, at any hour, and says nothing about the patient."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded


def therapist(notify: Any, version: int = 1, **changes: Any) -> None:
    notify.harness.deliver(
        "therapist.updated",
        {
            "therapist_id": "t1",
            "version": version,
            "name": "Robin Sample",
            "phone": "+16175550200",
            "email": "robin@example.org",
            "time_zone": "America/New_York",
            **changes,
        },
    )


def alert(notify: Any, level: str = "raised", **options: Any) -> None:
    notify.harness.deliver(
        "outcome.alert",
        {
            "alert_id": "al-1",
            "patient_id": "p1",
            "episode_id": "e1",
            "therapist_id": "t1",
            "score_id": "sc-1",
            "kind": "self_harm",
            "severity": "urgent",
            "level": level,
            "at": notify.harness.clock.now(),
        },
        **options,
    )


def name_contact(notify: Any, version: int = 1, **changes: Any) -> Any:
    body = {"name": "Sam Oncall", "phone": "+16175550199", "email": "oncall@example.org", **changes}
    owner = notify.harness.as_("owner")
    return owner.put("/v1/escalation-contact", body, headers={"If-Match": f'"{version}"'})


def arrived(notify: Any) -> list[tuple[str, str]]:
    return sorted((message.kind, message.to) for message in notify.caught())


def test_the_therapist_is_told_at_once_by_text_and_mail_also_at_night(notify: Any) -> None:
    therapist(notify)
    notify.patient(contact_consent={"sms": False, "email": False})
    notify.harness.clock.advance(timedelta(hours=14))  # 23:00 in Boston

    alert(notify)
    notify.tick()

    assert arrived(notify) == [("mail", "robin@example.org"), ("sms", "+16175550200")]
    for message in notify.caught():
        assert "an answer needs your attention" in message.text
        for telling in ("p1", "PHQ", "harm", "patient", "sc-1"):
            assert telling not in message.text


def test_an_alert_that_waited_goes_to_the_escalation_contact(notify: Any) -> None:
    therapist(notify)
    assert name_contact(notify).status_code == 200
    alert(notify)
    notify.tick()
    notify.harness.clock.advance(timedelta(hours=1))

    alert(notify, "escalated")
    notify.tick()

    assert arrived(notify)[0::2] == [("mail", "oncall@example.org"), ("sms", "+16175550199")]
    assert {message["recipient_id"] for message in notify.messages(kind="alert")} == {"t1", "escalation-contact"}


@pytest.mark.parametrize("known", [None, {"phone": None, "email": None}, {"active": False}])
def test_where_the_therapist_cannot_be_reached_the_escalation_contact_is_told(
    notify: Any, known: dict[str, Any] | None
) -> None:
    if known is not None:
        therapist(notify, **known)
    name_contact(notify, email=None)

    alert(notify)
    notify.tick()

    assert arrived(notify) == [("sms", "+16175550199")]


def test_where_nobody_can_be_reached_a_message_says_so(notify: Any) -> None:
    alert(notify)
    notify.tick()

    message = notify.only(kind="alert")
    assert (message["state"], message["reason"]) == ("suppressed", "no_address")


def test_one_alert_is_told_once_and_a_replay_is_silent(notify: Any) -> None:
    therapist(notify)
    alert(notify, backfill=True)
    notify.tick()
    assert arrived(notify) == []

    alert(notify)
    alert(notify)
    notify.tick()
    assert len(arrived(notify)) == 2

    notify.harness.clock.advance(timedelta(minutes=5))
    alert(notify)  # withdrawn and raised again
    notify.tick()
    assert len(arrived(notify)) == 4


def test_the_escalation_contact_is_sealed_versioned_and_for_owner_and_admin_alone(notify: Any) -> None:
    owner = notify.harness.as_("owner")
    assert owner.get("/v1/escalation-contact").get_json()["version"] == 1
    assert name_contact(notify).get_json()["version"] == 2
    assert name_contact(notify).status_code == 412
    nobody = name_contact(notify, 2, phone=None, email=None)
    assert (nobody.status_code, nobody.get_json()["errors"][0]["field"]) == (422, "phone")
    wrong = name_contact(notify, 2, phone="617-555-0199")
    assert (wrong.status_code, wrong.get_json()["errors"][0]["field"]) == (422, "phone")
    for role in ("therapist", "dispatcher", "auditor"):
        assert notify.harness.as_(role).get("/v1/escalation-contact").status_code == 403
    raw = notify.harness.raw()
    assert "Sam Oncall" not in raw
    assert "+16175550199" not in raw


def test_a_published_day_says_how_its_therapist_is_reached_until_better_news_comes(notify: Any) -> None:
    notify.harness.deliver(
        "route.published",
        {
            "route_id": "t1:2027-01-12",
            "therapist_id": "t1",
            "therapist": {"name": "Robin Sample", "phone": None, "email": "old@example.org"},
            "date": notify.harness.clock.now().date(),
            "time_zone": "America/New_York",
            "revision": 1,
            "stops": [],
        },
    )
    notify.tick()
    alert(notify)
    notify.tick()
    assert [message.to for message in notify.caught() if "attention" in message.text] == ["old@example.org"]
    therapist(notify)
    notify.harness.clock.advance(timedelta(minutes=1))
    alert(notify)
    notify.tick()
    assert "robin@example.org" in [message.to for message in notify.caught()]


def requested(notify: Any, **changes: Any) -> None:
    notify.harness.deliver(
        "assessment.requested",
        {
            "assessment_id": "01a20888-dbf3-77bc-9f7f-d9bd0f9d16d3",
            "patient_id": "p1",
            "episode_id": "e1",
            "instrument": "NPRS",
            "due_at": notify.harness.clock.now(),
            "expires_at": notify.harness.clock.now() + timedelta(days=7),
            **changes,
        },
    )


def test_a_questionnaire_is_reminded_of_once(notify: Any) -> None:
    notify.patient()
    requested(notify)
    requested(notify, reminder=True)
    requested(notify, reminder=True)
    notify.tick()
    assert len(notify.caught("mail")) == 2


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_questionnaire_before_the_first_visit_does_not_ask_how_it_went(notify: Any, language: str) -> None:
    notify.patient(contact_consent={"sms": True, "email": False}, language=language)
    requested(notify, purpose="baseline")
    notify.tick()
    (text,) = notify.caught("sms")
    assert len(text.text) <= 160
    assert "begin" in text.text or "empezar" in text.text
