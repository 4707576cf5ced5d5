"""A therapist hears that a pay statement is ready: a signed link, no amount, in words that may lie on a table."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from fascia.links import PAY_STATEMENT, read_link
from fascia.problem import Forbidden

pytestmark = pytest.mark.embedded
STATEMENT = "01a20888-dbf3-77bc-9f7f-d9bd0f9d16d3"


def known(notify: Any, version: int = 1, **changes: Any) -> None:
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


def issued(notify: Any) -> None:
    now = notify.harness.clock.now()
    notify.harness.deliver(
        "pay.statement.issued",
        {"statement_id": STATEMENT, "therapist_id": "t1", "month": "2027-05", "version": 1, "issued_at": now},
    )


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+", text)
    assert found is not None
    return found.group()


def test_a_therapist_is_mailed_a_link_that_works_for_three_days(notify: Any) -> None:
    known(notify)
    issued(notify)
    issued(notify)
    notify.tick()
    (mail,) = notify.caught()
    assert mail.subject == "Your pay statement for May 2027"
    link = link_in(mail.text)
    assert link.startswith("http://outcomes.example.org/p/")
    keyring, now = notify.harness.runtime.keyring, notify.harness.clock.now()
    read = read_link(keyring, PAY_STATEMENT, link.rpartition("/")[2], now)
    assert (read.subject, read.practice_id, read.expires_at - now) == (STATEMENT, "demo", timedelta(days=3))
    with pytest.raises(Forbidden):
        read_link(keyring, "questionnaire", link.rpartition("/")[2], now)
    said = mail.subject + mail.text.replace(link, "")
    assert not re.search(r"[$€£]|\d[.,]\d\d|patient|score", said, flags=re.I)
    assert "Robin" not in notify.harness.raw()


def test_without_mail_a_text_with_a_short_link_is_sent(notify: Any) -> None:
    known(notify, email=None)
    issued(notify)
    notify.tick()
    (text,) = notify.caught("sms")
    assert len(text.text) <= 160
    answer = notify.harness.anonymous().get("/l/" + link_in(text.text).rpartition("/")[2])
    assert answer.headers["Location"].startswith("http://outcomes.example.org/p/")


def test_the_newest_contact_counts(notify: Any) -> None:
    known(notify, version=2, email="new@example.org")
    known(notify, version=1, email="old@example.org")
    issued(notify)
    notify.tick()
    assert [mail.to for mail in notify.caught("mail")] == ["new@example.org"]


def test_a_therapist_who_cannot_be_reached_shows_in_the_list(notify: Any) -> None:
    issued(notify)
    notify.tick()
    message = notify.only(kind="pay_statement")
    assert (message["state"], message["reason"], message["recipient_id"]) == ("suppressed", "no_address", "t1")
    assert notify.caught() == []
