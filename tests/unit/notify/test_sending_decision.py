"""May it go out now, and when is it tried again?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from notify_svc.contacts.contact import Consent, Contact
from notify_svc.messages.message import Message
from notify_svc.messages.permission import Go, Never, RecentTexts, TooLate, Wait, may_send, preferred_channel
from notify_svc.messages.retry import MAX_ATTEMPTS, next_attempt
from notify_svc.policy.messaging_policy import MessagingPolicy
from notify_svc.policy.quiet_hours import QuietHours

NOW = datetime(2027, 1, 11, 15, 0, tzinfo=UTC)  # 10:00 at Boston
NIGHT = datetime(2027, 1, 12, 3, 0, tzinfo=UTC)  # 22:00
OPEN = MessagingPolicy(sender_name="Harbor", quiet_hours=None)
QUIET = MessagingPolicy(sender_name="Harbor", quiet_hours=QuietHours(time(20, 0), time(9, 0)))
NONE = RecentTexts()
BOTH = Consent(sms=True, email=True)
ALVA = Contact(
    patient_id="p1",
    patient_version=1,
    given_name="Alva",
    family_name="Example",
    phone="+16175550100",
    email="alva@example.org",
    time_zone="America/New_York",
    language="en",
    recorded=BOTH,
    consent=BOTH,
)
FOLLOW_UP = Message(
    id="m1",
    cause="c",
    kind="follow_up",
    channel="sms",
    audience="patient",
    recipient_id="p1",
    appointment_id=None,
    content={},
    due_at=NOW,
    expires_at=NOW + timedelta(days=2),
    created_at=NOW,
)


def test_a_text_by_day_a_text_by_night_later() -> None:
    assert may_send(FOLLOW_UP, ALVA, QUIET, NONE, NOW) == Go("sms", "+16175550100")
    assert may_send(FOLLOW_UP, ALVA, QUIET, NONE, NIGHT) == Wait(datetime(2027, 1, 12, 14, 0, tzinfo=UTC))


def test_mail_disturbs_nobody_at_night() -> None:
    mail_alone = replace(ALVA, consent=Consent(sms=False, email=True))

    assert may_send(FOLLOW_UP, mail_alone, QUIET, NONE, NIGHT) == Go("email", "alva@example.org")


def test_what_would_be_too_late_after_quiet_hours_is_not_sent() -> None:
    soon_over = replace(FOLLOW_UP, expires_at=NIGHT + timedelta(hours=1))

    assert may_send(soon_over, ALVA, QUIET, NONE, NIGHT) == Never("quiet_hours")


def test_what_has_expired_is_not_sent() -> None:
    assert may_send(FOLLOW_UP, ALVA, OPEN, NONE, FOLLOW_UP.expires_at) == TooLate()


def test_a_limit_of_texts_leaves_mail() -> None:
    limited = replace(OPEN, texts_per_week=3)

    assert may_send(FOLLOW_UP, ALVA, limited, RecentTexts(day=0, week=3), NOW) == Go("email", "alva@example.org")
    assert may_send(FOLLOW_UP, replace(ALVA, email=None), limited, RecentTexts(0, 3), NOW) == Never("text_limit")


def test_a_contact_that_is_not_known_yet_is_waited_for_a_little_longer_each_time() -> None:
    first = may_send(FOLLOW_UP, None, OPEN, NONE, NOW)
    later = may_send(FOLLOW_UP, None, OPEN, NONE, NOW + timedelta(minutes=4))

    assert first == Wait(NOW + timedelta(seconds=1))
    assert later == Wait(NOW + timedelta(minutes=6))
    assert may_send(FOLLOW_UP, None, OPEN, NONE, NOW + timedelta(minutes=15)) == Never("contact_unknown")


def test_questionnaires_prefer_mail_and_the_rest_texts() -> None:
    assert preferred_channel("questionnaire", ALVA) == "email"
    assert preferred_channel("reminder", ALVA) == "sms"
    assert preferred_channel("reminder", replace(ALVA, phone=None)) == "email"


def test_attempts_come_less_and_less_often_and_end() -> None:
    moments = [next_attempt("m1", attempt, NOW, NOW + timedelta(days=30)) for attempt in range(1, MAX_ATTEMPTS)]
    delays = [(at - NOW).total_seconds() for at in moments if at is not None]

    assert len(delays) == MAX_ATTEMPTS - 1
    assert delays == sorted(delays)
    assert delays[0] < 1.3
    assert next_attempt("m1", MAX_ATTEMPTS, NOW, NOW + timedelta(days=30)) is None


def test_nothing_is_tried_after_it_is_of_no_use() -> None:
    assert next_attempt("m1", 5, NOW, NOW + timedelta(seconds=60)) is None


def test_messages_that_failed_together_do_not_come_back_together() -> None:
    moments = {next_attempt(f"m{number}", 4, NOW, NOW + timedelta(days=1)) for number in range(50)}

    assert len(moments) > 25
