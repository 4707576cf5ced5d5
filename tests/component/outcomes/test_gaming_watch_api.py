"""From a period's episodes to flags that people decide about; what is gathered from events; who may see any of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fascia.links import QUESTIONNAIRE, sign_link
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.gaming import store
from outcomes_svc.gaming.gathered import gathered
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.prediction import PredictionModel, fit_table
from outcomes_svc.results.period import Period
from outcomes_svc.service import SERVICE
from outcomes_svc.simulation.attacks import drop_failures, shop_instruments
from outcomes_svc.simulation.generated_practice import two_years
from outcomes_svc.simulation.practice_spec import PracticeSpec
from outcomes_svc.simulation.watched_year import WatchedYear, live

pytestmark = pytest.mark.embedded
MONTHS = {"from": "2026-01-01", "to": "2026-12-31"}
SPEC = PracticeSpec(therapists=15, least_episodes=90, most_episodes=110, loss=0.08)
FLAGS = "/v1/gaming/flags"


class MadeUp:
    """A year in place of the one that is stored; a test may change it between two reviews."""

    def __init__(self) -> None:
        rng = np.random.default_rng(21)
        before, after = two_years(SPEC, rng)
        self.model: PredictionModel = fit_table(live(before, rng).paid, before.year)
        self.honest: WatchedYear = live(after, rng)
        self.table: WatchTable = drop_failures(self.honest, 3, rng, 1.0).table


@pytest.fixture(scope="module")
def drawn() -> MadeUp:
    return MadeUp()


@pytest.fixture
def year(drawn: MadeUp, monkeypatch: pytest.MonkeyPatch) -> MadeUp:
    made = MadeUp.__new__(MadeUp)
    made.__dict__.update(drawn.__dict__)
    monkeypatch.setattr("outcomes_svc.gaming.reviewing.gathered", lambda known, now: made.table)
    monkeypatch.setattr("outcomes_svc.gaming.reviewing.model_for", lambda uow, year: made.model)
    return made


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def review(harness: Harness, practice: str = "demo", **months: str) -> Any:
    answer = harness.as_("owner", practice).post("/v1/gaming/reviews", months or MONTHS)
    assert answer.status_code == 201, answer.json
    return answer.json


def decide(harness: Harness, flag: Any, outcome: str = "dismissed", role: str = "admin", **more: Any) -> Any:
    headers = {"If-Match": f'"{flag["version"]}"'}
    body = {"outcome": outcome, "note": "The phones were down in May."}
    return harness.as_(role, **more).post(f"{FLAGS}/{flag['flag_id']}/decision", body, headers=headers)


def test_a_review_raises_a_flag_with_its_cases_in_neutral_words(outcomes: Harness, year: MadeUp) -> None:
    made = review(outcomes)
    assert (made["therapists"], made["judged"]["missing_ends"], made["made_by"]) == (15, 15, "someone")
    assert made["model_version"] == year.model.version
    assert 0 < made["expected_by_chance"] <= 0.02 * 15
    assert outcomes.as_("auditor").get("/v1/gaming/reviews").json["items"] == [made]
    (listed,) = outcomes.as_("auditor").get(FLAGS).json["items"]
    assert made["raised"] == [listed["flag_id"]]
    assert (listed["therapist_id"], listed["kind"], listed["state"]) == ("t-004", "missing_ends", "open")
    assert (listed["from"], listed["to"]) == ("2026-01-01", "2026-12-31")
    flag = outcomes.as_("owner").get(f"{FLAGS}/{listed['flag_id']}").json
    assert flag["hits"] == round(flag["value"] * flag["cases"])
    assert flag["value"] > 2 * flag["expected"]
    assert len(flag["evidence"]) == min(flag["hits"], 20)
    known = dict(zip(year.table.ids, year.table.cases.therapist.codes, strict=True))
    assert {known[row["case_id"]] for row in flag["evidence"]} == {3}
    assert "decides nothing" in flag["summary"]
    assert "no end" in flag["evidence"][0]["words"]


def test_the_same_months_again_renew_open_flags_and_leave_decided_ones(outcomes: Harness, year: MadeUp) -> None:
    (first,) = review(outcomes)["raised"]
    outcomes.clock.advance(timedelta(days=30))
    again = review(outcomes)
    assert (again["raised"], again["seen_again"]) == ([], [first])
    flag = outcomes.as_("owner").get(f"{FLAGS}/{first}").json
    assert (flag["version"], flag["raised_at"] < flag["seen_at"]) == (2, True)
    assert decide(outcomes, flag).status_code == 200
    assert review(outcomes)["seen_again"] == [first]
    assert outcomes.as_("owner").get(f"{FLAGS}/{first}").json["version"] == 3
    year.table = shop_instruments(year.honest, 8, np.random.default_rng(1), 1.0).table
    raised = review(outcomes)["raised"]
    (found,) = outcomes.as_("owner").get(f"{FLAGS}?kind=instrument_choice").json["items"]
    assert (found["flag_id"] in raised, found["therapist_id"]) == (True, "t-009")
    still_open = outcomes.as_("owner").get(f"{FLAGS}?state=open").json["items"]
    assert [each["flag_id"] for each in still_open] == raised


def test_a_decision_is_noted_once_and_the_note_is_sealed(outcomes: Harness, year: MadeUp) -> None:
    review(outcomes)
    (flag,) = outcomes.as_("owner").get(FLAGS).json["items"]
    path, body = f"{FLAGS}/{flag['flag_id']}/decision", {"outcome": "confirmed", "note": "Talked about it."}
    assert outcomes.as_("admin").post(path, body).status_code == 428
    assert decide(outcomes, {**flag, "version": 7}).status_code == 412
    own = decide(outcomes, flag, role="owner", subject=flag["therapist_id"])
    assert (own.status_code, own.json["code"]) == (403, "own-flag")
    done = decide(outcomes, flag, subject="a-1")
    assert (done.json["state"], done.json["decided_by"], done.json["version"]) == ("dismissed", "a-1", 2)
    assert done.json["note"] == "The phones were down in May."
    assert "phones were down" not in outcomes.raw()
    twice = decide(outcomes, done.json, "confirmed")
    assert (twice.status_code, twice.json["code"]) == (409, "flag-decided")
    wrong = outcomes.as_("admin").post(path, {"outcome": "guilty", "note": "x"}, headers={"If-Match": '"2"'})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "outcome")


def test_a_flag_and_its_decision_publish_nothing_and_touch_no_pay(outcomes: Harness, year: MadeUp) -> None:
    review(outcomes)
    (flag,) = outcomes.as_("owner").get(FLAGS).json["items"]
    assert decide(outcomes, flag, "confirmed").status_code == 200
    assert outcomes.published() == []
    names = outcomes.runtime.database.list_collection_names()
    assert [
        name for name in names if name.startswith("pay") and outcomes.runtime.database[name].count_documents({})
    ] == []


@pytest.mark.parametrize("role", ["therapist", "biller", "dispatcher", "patient", "service", "auditor"])
def test_only_owner_and_admin_review_and_decide(outcomes: Harness, year: MadeUp, role: str) -> None:
    review(outcomes)
    (flag,) = outcomes.as_("owner").get(FLAGS).json["items"]
    person = outcomes.as_(role, subject=flag["therapist_id"])
    assert person.post("/v1/gaming/reviews", MONTHS).status_code == 403
    assert decide(outcomes, flag, role=role).status_code == 403
    allowed = 200 if role == "auditor" else 403
    assert person.get(FLAGS).status_code == allowed
    assert person.get(f"{FLAGS}/{flag['flag_id']}").status_code == allowed
    assert outcomes.anonymous().get(FLAGS).status_code == 401


def test_practices_see_and_decide_their_own_flags_only(outcomes: Harness, year: MadeUp) -> None:
    review(outcomes)
    (flag,) = outcomes.as_("owner").get(FLAGS).json["items"]
    other = outcomes.as_("owner", "other")
    assert other.get(FLAGS).json["items"] == other.get("/v1/gaming/reviews").json["items"] == []
    assert other.get(f"{FLAGS}/{flag['flag_id']}").status_code == 404
    assert decide(outcomes, flag, practice_id="other").status_code == 404
    (theirs,) = review(outcomes, "other")["raised"]
    assert theirs != flag["flag_id"]


def test_a_practice_in_its_first_month_gets_a_review_that_judged_nobody(outcomes: Harness) -> None:
    made = review(outcomes)

    assert (made["therapists"], made["cases"], made["raised"]) == (0, 0, [])


def test_a_worker_reviews_once_a_month(outcomes: Harness, year: MadeUp) -> None:
    for practice in ("demo", "other"):
        outcomes.deliver("session.completed", session(f"p-{practice}", MONDAY), practice)
    for _ in range(2):
        outcomes.run_job("gaming-watch")
    made = list(outcomes.runtime.database[store.REVIEWS].find())
    assert sorted((each["practice_id"], each["scheduled"]) for each in made) == [
        (practice, f"2027-01:{of}") for practice in ("demo", "other") for of in (2026, 2027)
    ]
    outcomes.clock.advance(timedelta(days=25))
    outcomes.run_job("gaming-watch")
    assert outcomes.runtime.database[store.REVIEWS].count_documents({}) == 8
    flags = outcomes.as_("owner").get(FLAGS).json["items"]
    assert [(each["from"], each["version"]) for each in flags] == [("2026-01-01", 2), ("2027-01-01", 2)]


@pytest.mark.parametrize(
    ("months", "field"), [({"from": "2026-01-02", "to": "2026-12-31"}, "from"), ({"to": "2026-12-30"}, "to")]
)
def test_days_within_months_are_refused_by_name(outcomes: Harness, months: dict[str, str], field: str) -> None:
    refused = outcomes.as_("owner").post("/v1/gaming/reviews", months)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)


def session(patient: str, ended_at: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "session_id": f"s-{patient}-{ended_at:%m%d}",
        "version": 1,
        "appointment_id": f"a-{patient}",
        "patient_id": patient,
        "therapist_id": "t-1",
        "setting": "clinic",
        "service_type": "massage-60",
        "condition_codes": ["M54.59"],
        "started_at": ended_at - timedelta(hours=1),
        "ended_at": ended_at,
        "signed_at": ended_at,
        "treated_minutes": 53,
        "measures": [],
        **changes,
    }


def evaluation(patient: str, therapist: str, pain: int | None = None) -> dict[str, Any]:
    return {
        "patient_id": patient,
        "evaluation_id": f"ev-{patient}",
        "therapist_id": therapist,
        "result": "cleared",
        "condition_codes": ["M54.59"],
        "signed_at": MONDAY - timedelta(days=2),
        "measures": [] if pain is None else [{"instrument": "NPRS", "answers": {"pain": pain}}],
        "case_mix": {"symptom_weeks": 20, "surgery": False, "comorbidities": 2, "payer": "medicare"},
    }


def answer(harness: Harness, patient: str, pain: int) -> None:
    person = harness.as_("patient", subject=patient)
    asked = [each for each in person.get("/v1/assessments").json["items"] if each["state"] == "requested"]
    done = person.post(f"/v1/assessments/{asked[-1]['assessment_id']}/answers", {"answers": {"pain": pain}})
    assert done.status_code == 201, done.json


def test_the_page_tells_for_how_long_it_was_open_and_who_sends_nonsense_is_answered_all_the_same(
    outcomes: Harness,
) -> None:
    for patient, sent, seconds in (("p-1", None, 12), ("p-2", "yesterday", None)):
        outcomes.deliver("session.completed", session(patient, MONDAY))
        (asked,) = outcomes.as_("owner").get(f"/v1/assessments?patient_id={patient}").json["items"]
        expires_at = outcomes.clock.now() + timedelta(days=1)
        token = sign_link(outcomes.runtime.keyring, QUESTIONNAIRE, asked["assessment_id"], "demo", expires_at)
        browser = outcomes.anonymous()
        page = browser.get(f"/q/{token}").text
        hidden = dict(re.findall(r'name="(_\w+)" value="([^"]*)"', page))
        outcomes.clock.advance(timedelta(seconds=12))
        form = {**hidden, "pain": "7"} | ({} if sent is None else {"_opened": sent})
        assert browser.post(f"/q/{token}", data=form).status_code == 200
        kept = outcomes.runtime.database["assessments"].find_one({"_id": asked["assessment_id"]})
        assert kept is not None
        assert (kept["answered_at"] is not None, kept["answered_in_seconds"]) == (True, seconds)


def watched(harness: Harness) -> WatchTable:
    uow = harness.runtime.reading("demo")
    return gathered(store.known_of(uow, Period(date(2027, 1, 1), date(2027, 1, 31))), uow.now)


def column(table: WatchTable, name: str) -> dict[str, Any]:
    return dict(zip(table.ids, getattr(table, name).tolist(), strict=True))


def test_what_is_watched_is_gathered_from_events_and_answers(outcomes: Harness) -> None:
    """One goes on and is answered in the room, one comes once, one never comes, one changes condition."""
    for patient, evaluator in (("goes", "t-2"), ("once", "t-1"), ("never", "t-2"), ("turns", "t-1")):
        outcomes.deliver("evaluation.signed", evaluation(patient, evaluator, 8 if patient == "never" else None))
    for patient in ("goes", "once", "turns"):
        outcomes.deliver("session.completed", session(patient, MONDAY))
        answer(outcomes, patient, 8)
    outcomes.clock.advance(timedelta(days=22))
    for patient, codes in (("goes", ["M54.59"]), ("turns", ["M79.7"])):
        later = session(patient, outcomes.clock.now(), condition_codes=codes)
        outcomes.deliver("session.completed", later)
    outcomes.clock.advance(timedelta(days=62))
    outcomes.run_job("close-episodes")
    outcomes.run_job("ask-due")
    answer(outcomes, "goes", 0)
    during = session("goes", outcomes.clock.now() + timedelta(minutes=20), condition_codes=["G44.1"])
    outcomes.deliver("session.completed", during)
    table = watched(outcomes)
    (never,) = [id_ for id_ in table.ids if id_ == "ev-never"]
    of = {row: name for name in ("goes", "once", "turns") for row in _episodes(outcomes, name)}
    names = [of.get(id_, "never") for id_ in table.ids]
    began = dict(zip(names, table.began.tolist(), strict=True))
    assert began == {"goes": True, "once": False, "never": False, "turns": False}
    who = [table.therapists[code] for code in table.evaluator]
    evaluated_by = dict(zip(names, who, strict=True))
    assert evaluated_by == {"goes": "t-2", "once": "t-1", "never": "t-2", "turns": "t-1"}
    baseline = dict(zip(table.ids, table.cases.baseline.tolist(), strict=True))
    assert baseline[never] == 8
    goes = next(id_ for id_, name in of.items() if name == "goes" and id_ in table.ids)
    assert column(table, "end_day")[goes] == pytest.approx(84, abs=0.1)
    assert (column(table, "best")[goes], column(table, "in_visit")[goes]) == (1.0, 1.0)
    assert column(table, "important")[goes] == 2.0
    assert np.isnan(column(table, "item_seconds")[goes])
    turns = next(id_ for id_, name in of.items() if name == "turns" and id_ in table.ids)
    assert (column(table, "followed_by")[turns], column(table, "followed_by")[goes]) == (1.0, 0.0)
    made = review(outcomes, **{"from": "2027-01-01", "to": "2027-01-31"})
    assert (made["cases"], made["raised"], set(made["judged"].values())) == (len(table), [], {0})


def _episodes(harness: Harness, patient: str) -> list[str]:
    listed = harness.as_("owner").get(f"/v1/episodes?patient_id={patient}").json["items"]
    return [each["episode_id"] for each in listed]
