"""The board as a page: what it shows, and what it must not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"


@pytest.fixture
def path(practice: Any) -> str:
    """The link to the board of a day on which alma makes one visit and berta none."""
    practice.therapist("berta")
    practice.shift("alma")
    practice.shift("berta")
    practice.patient()
    practice.book(
        at=f"{MONDAY}T09:30",
        promised_from=f"{MONDAY}T09:00:00-05:00",
        promised_until=f"{MONDAY}T11:00:00-05:00",
    )
    link = practice.made("post", f"/v1/boards/{MONDAY}/links")
    assert link["expires_at"] == "2027-01-19T09:00:00Z"
    return "/b/" + str(link["url"]).rpartition("/")[2]


def page(practice: Any, path: str, status: int = 200) -> str:
    answer = practice.harness.anonymous().get(path)
    assert answer.status_code == status
    assert answer.content_type == "text/html; charset=utf-8"
    return str(answer.get_data(as_text=True))


def test_the_page_shows_therapists_and_visits_in_words_and_as_bars(practice: Any, path: str) -> None:
    shown = page(practice, path)

    assert "Board of 2027-01-18" in shown
    assert "Therapist berta" in shown
    said = re.search(r"\d\d:\d\d-\d\d:\d\d, Cambridge, MA, booked, promised 09:00-11:00, \d+ min drive to it", shown)
    assert said is not None
    assert shown.count('<rect class="visit"') == 1
    assert shown.count('<rect class="shift"') == 2


def test_the_page_names_no_patient_no_street_and_no_service(practice: Any, path: str) -> None:
    shown = page(practice, path)

    for private in ("Ada", "Sample-01", "Sample Street", "patient-1", "massage", "Ring twice"):
        assert private not in shown


def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere(practice: Any, path: str) -> None:
    answer = practice.harness.anonymous().get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    shown = answer.get_data(as_text=True)
    assert "<script" not in shown
    assert " style=" not in shown
    assert "http://" not in shown


def test_a_promise_that_breaks_is_at_the_top(practice: Any, path: str) -> None:
    practice.harness.clock.advance(datetime(2027, 1, 18, 16, 30, tzinfo=UTC) - practice.harness.clock.now())

    shown = page(practice, path)

    assert "Promises in danger: 1" in shown
    assert "min late" in shown
    assert '<line class="now"' in shown


def test_what_waits_says_so_without_saying_what(practice: Any, path: str) -> None:
    wish = {"patient_id": "patient-1", "service_type": "massage-60", "from_day": MONDAY, "to_day": MONDAY}
    practice.made("post", "/v1/waitlist", wish)

    shown = page(practice, path)

    assert "Nobody makes yet: 1" in shown
    assert "From the waitlist" in shown


def test_a_link_ends_and_no_other_link_opens_it(practice: Any, path: str) -> None:
    assert "not valid" in page(practice, path[:-4] + "AAAA", 403)
    assert "not valid" in page(practice, "/b/nonsense", 403)
    practice.harness.clock.advance(timedelta(days=14))
    assert "has ended" in page(practice, path, 410)
