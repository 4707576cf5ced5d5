"""The chain, end to end, over the public REST APIs and the catcher: what a practice and its patient notice."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import requests

from fascia.devset.cast import Cast, seen
from fascia.devset.chain import Chain
from fascia.devset.demo import EXPECTED
from fascia.devset.rest import RestError
from fascia.devset.tail import Tail
from fascia.testing.running_suite import RunningSuite
from fascia.web.principal import Role

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def cast(suite: RunningSuite) -> Cast:
    return Cast(suite.description)


@pytest.fixture(scope="module")
def played(suite: RunningSuite, cast: Cast) -> tuple[Chain, Tail]:
    with Tail(suite.description["kafka"], cast.trace_id, lambda *_: None) as tail:
        chain = Chain(cast)
        for _, act in chain.steps():
            act()
        seen("all events", lambda: not EXPECTED - Counter(tail.types()), 15)
    return chain, tail


def test_the_visit_is_consumed_from_the_claim(cast: Cast, played: tuple[Chain, Tail]) -> None:
    claim_id = played[0].now.claim_id
    records, scheduling = cast.at("records", Role.ADMIN), cast.at("scheduling", Role.ADMIN)
    budget = seen("the consumed visit", lambda: _if_consumed(scheduling.get(f"/v1/claims/{claim_id}/budget").body))
    ledger = seen("the consumed visit", lambda: _if_consumed(records.get(f"/v1/claims/{claim_id}/ledger").body))
    assert budget["authorised"] == ledger["authorised"] == 6
    assert budget["remaining"] == ledger["remaining"] == 5
    assert ledger["differences"] == []


def test_the_patient_gets_a_thank_you_and_one_question_each_once(cast: Cast, played: tuple[Chain, Tail]) -> None:
    now = played[0].now
    messages = cast.at("notify", Role.ADMIN).every("/v1/messages", recipient_id=now.patient_id)
    kinds = Counter(message["kind"] for message in messages if message["state"] in ("sent", "delivered"))
    assert kinds["follow_up"] == 1
    assert kinds["questionnaire"] == 1
    links = [message for message in cast.caught(now.patient["email"]) if now.link in message["text"]]
    assert len(links) == 1


def test_what_is_sent_names_no_condition(cast: Cast, played: tuple[Chain, Tail]) -> None:
    patient = played[0].now.patient
    texts = [
        message["text"] + message["subject"]
        for to in (patient["phone"], patient["email"])
        for message in cast.caught(to)
    ]
    assert texts
    for text in texts:
        for word in ("pain", "massage-60", "M54", "back", "muscle"):
            assert word.lower() not in text.lower().replace(patient["email"], "").replace("back bay", "")


def test_the_second_score_is_judged_against_the_baseline(cast: Cast, played: tuple[Chain, Tail]) -> None:
    scores = cast.at("outcomes", Role.ADMIN).every("/v1/scores", patient_id=played[0].now.patient_id)
    own = [score for score in scores if score["source"] == "patient"]
    assert [score["value"] for score in own] == [3]
    assert own[0]["change"] > 0
    assert own[0]["judgement"] == "improved"


def test_opening_the_link_again_shows_what_happened(played: tuple[Chain, Tail]) -> None:
    page = requests.get(played[0].now.link, timeout=10)
    assert page.status_code == 200
    assert "<form" not in page.text


def test_one_trace_runs_through_all_of_it_and_each_effect_names_its_cause(played: tuple[Chain, Tail]) -> None:
    events = played[1].seen
    by_type = {one.type: one for one in events.values()}
    assert len({one.trace_id for one in events.values()}) == 1
    assert events[by_type["assessment.requested"].cause or ""].type == "session.completed"
    scored = [one for one in events.values() if one.type == "outcome.scored"]
    assert "session.completed" in {events[one.cause].type for one in scored if one.cause in events}


def test_a_treatment_cannot_be_booked_before_a_signed_evaluation(cast: Cast) -> None:
    chain = Chain(cast)
    chain.register()
    chain.screen()
    chain.prescribe()
    with pytest.raises(RestError) as refused:
        chain.book()
    assert refused.value.status in (409, 422)
    assert "evaluation" in str(refused.value).lower()


def test_another_practice_sees_nothing_of_it(suite: RunningSuite, played: tuple[Chain, Tail]) -> None:
    stranger = Cast({**suite.description, "practice": "another"})
    assert stranger.at("records", Role.OWNER).every("/v1/patients") == []
    with pytest.raises(RestError) as refused:
        stranger.at("records", Role.OWNER).get(f"/v1/patients/{played[0].now.patient_id}")
    assert refused.value.status == 404


def test_the_demo_shows_each_step_and_each_event(suite: RunningSuite) -> None:
    command = [sys.executable, "-m", "fascia.cli", "demo", "--run-dir", str(suite.folder)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for type_ in EXPECTED:
        assert f"~ {type_} " in shown.stdout
    assert "ms after its cause" in shown.stdout
    assert "session completed -> scored -> message delivered in" in shown.stdout


def test_the_start_ends_with_where_who_and_what(suite: RunningSuite) -> None:
    shown = suite.output
    assert "session completed -> scored -> message delivered in" in shown
    for line in ("where to look", "who to be", "what to try", suite.description["urls"]["catcher"]):
        assert line in shown
    for role in ("owner", "admin", "dispatcher", "therapist", "biller", "auditor"):
        token = Path(suite.description["tokens"]) / role
        assert token.stat().st_mode & 0o077 == 0
        assert token.read_text().count(".") == 2


def test_the_start_links_a_board_and_a_phone_page_with_home_visits(suite: RunningSuite) -> None:
    board = re.search(r"dispatcher's board\s+(http\S+/b/\S+)\s+\(home visits of (\S+)\)", suite.output)
    phone = re.search(r"a therapist's phone\s+(http\S+/r/\S+)", suite.output)
    assert board is not None
    assert phone is not None
    with requests.Session() as browser:
        browser.trust_env = False
        shown, route = browser.get(board[1], timeout=20), browser.get(phone[1], timeout=20)
    assert shown.status_code == route.status_code == 200
    assert board[2] in shown.text
    assert shown.text.count("promised") + shown.text.count("Promised") >= 8
    assert route.text.count("geo:") + route.text.count("maps") >= 2


def _if_consumed(account: dict[str, int]) -> dict[str, int] | None:
    return account if account["consumed"] == 1 else None
