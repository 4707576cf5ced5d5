"""The outcome part, from a practice's judged episodes to the statement, its page, its corrections and disputes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from fascia.links import PAY_STATEMENT, QUESTIONNAIRE, sign_link
from fascia.testing.harness import Harness
from outcomes_svc.performance.performance import assess
from outcomes_svc.performance.prediction import PredictionModel, fit
from outcomes_svc.performance.publication import FrozenModel
from outcomes_svc.performance.store import save_model
from outcomes_svc.results.episode_result import EpisodeResult, Exclusion
from outcomes_svc.service import SERVICE
from outcomes_svc.simulation.generated_practice import two_years
from outcomes_svc.simulation.practice_spec import PracticeSpec

pytestmark = pytest.mark.embedded
WINDOW_ENDS = datetime(2026, 12, 3, tzinfo=UTC)
MAY, JUNE = "2027-05", "2027-06"
SPEC = PracticeSpec(therapists=6, least_episodes=60, most_episodes=60, icc=0.2, practice_spread=0.0)


class Results:
    """Episodes as the results feature would give them; a test may change them later."""

    def __init__(self) -> None:
        before, after = two_years(SPEC, np.random.default_rng(7))
        self.model: PredictionModel = fit(before.rows, 2025)
        # The window of May 2027 ends half a year before the month does.
        self.rows: list[EpisodeResult] = [row for row in after.rows if row.opened_at < WINDOW_ENDS]
        self.ids = sorted({row.therapist_id for row in self.rows})

    @property
    def best(self) -> str:
        """A therapist whose own results count and are above the practice's."""
        found = assess(self.rows, self.model).therapists
        return max((each for each in found if each.qualifies), key=lambda each: each.effect).therapist_id


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Results:
    made = Results()
    monkeypatch.setattr("outcomes_svc.pay.known.episode_results", lambda uow, **_: list(made.rows))
    return made


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness], results: Results) -> Harness:
    """2 June 2027: a plan whose trial year is over, a published model, one session in May for everybody."""
    harness = harness_of(SERVICE)
    rates = [{"setting": s, "per": "session", "amount": "100.00"} for s in ("clinic", "hospital", "private", "mobile")]
    plan = {
        "effective_from": "2026-05",
        "currency": "USD",
        "time_zone": "America/New_York",
        "rates": rates,
        "outcome": {"shadow_until": "2027-04"},
    }
    assert harness.as_("owner").post("/v1/pay/plans", plan).status_code == 201
    to(harness, datetime(2027, 6, 2, 14, tzinfo=UTC))
    frozen = FrozenModel(model=results.model, frozen_at=harness.clock.now(), frozen_by="owner")
    harness.runtime.transaction("demo", lambda uow: save_model(uow, frozen))
    for number, therapist in enumerate(results.ids):
        signed(harness, f"s-{number}", therapist)
    return harness


def to(harness: Harness, at: datetime) -> None:
    harness.clock.advance(at - harness.clock.now())


def signed(harness: Harness, id_: str, therapist: str, version: int = 1, minutes: int = 53) -> None:
    at = datetime(2027, 5, 10, 15, tzinfo=UTC)
    harness.deliver(
        "session.completed" if version == 1 else "session.amended",
        {
            "session_id": id_,
            "version": version,
            "appointment_id": f"a-{id_}",
            "patient_id": f"p-{id_}",
            "therapist_id": therapist,
            "setting": "clinic",
            "service_type": "massage-60",
            "condition_codes": ["M54.59"],
            "started_at": at,
            "ended_at": at + timedelta(hours=1),
            "signed_at": at + timedelta(hours=1),
            "treated_minutes": minutes,
            "measures": [],
        },
    )


def issue(harness: Harness, month: str = MAY) -> None:
    answer = harness.as_("admin").post("/v1/pay/statements", {"month": month})
    assert answer.status_code == 201, answer.json
    assert answer.json["state"] == "done"


def statement_id(harness: Harness, therapist: str, month: str = MAY) -> str:
    path = f"/v1/pay/statements?month={month}&therapist_id={therapist}"
    (found,) = harness.as_("owner").get(path).json["items"]
    return str(found["statement_id"])


def content(harness: Harness, therapist: str, month: str = MAY) -> dict[str, Any]:
    found = harness.as_("owner").get(f"/v1/pay/statements/{statement_id(harness, therapist, month)}")
    loaded: dict[str, Any] = json.loads(found.data)["content"]
    return loaded


def test_results_are_paid_by_the_formula_from_the_practices_judged_episodes(
    outcomes: Harness, results: Results
) -> None:
    issue(outcomes)
    best = results.best
    expected = assess(results.rows, results.model)
    own = next(each for each in expected.therapists if each.therapist_id == best)
    found = content(outcomes, best)
    share, figures = found["outcome"], found["inputs"]["outcome"]
    rate = min(max(0.10 * (0.7 * expected.effect + 0.3 * own.effect) / 0.2, 0.0), 0.10)
    assert float(share["rate"]) == pytest.approx(rate, abs=2e-6)
    assert rate > 0
    assert Decimal(share["paid"]) == Decimal(found["sums"]["outcome"]) == round(Decimal(share["rate"]) * 100, 2)
    assert (share["individual"], share["shadow"], figures["model_version"]) == (True, False, results.model.version)
    counted = [each for each in figures["episodes"] if each["outcome"] == "counted"]
    assert len(figures["episodes"]) == len([row for row in results.rows if row.therapist_id == best])
    assert len(counted) == own.followed_up
    for each in counted[:5]:
        residual = (float(each["change"]) - float(each["predicted"])) / float(each["sigma"])
        assert float(each["residual"]) == pytest.approx(min(max(residual, -3), 3), abs=1e-5)
    assert {gate["name"] for gate in figures["therapist"]["gates"]} == {"n_eff", "reliability", "follow_up", "sign"}


def test_nobody_elses_figures_stand_on_a_statement(outcomes: Harness, results: Results) -> None:
    issue(outcomes)
    text = json.dumps(content(outcomes, results.best))
    others = [row for row in results.rows if row.therapist_id != results.best]
    assert not [row for row in others if f'"{row.episode_id}"' in text or f'"{row.therapist_id}"' in text]
    assert not [row for row in results.rows if f'"{row.patient_id}"' in text]


def test_a_statement_with_results_replays_to_its_bytes_from_frozen_episodes(
    outcomes: Harness, results: Results
) -> None:
    issue(outcomes)
    results.rows = results.rows[10:]
    answer = outcomes.as_("owner").post(f"/v1/pay/statements/{statement_id(outcomes, results.ids[-1])}/replay")
    assert answer.json["kept"]["equal"]
    assert answer.json["projected"]["equal"], answer.json["projected"]["difference"]


def test_an_episode_that_changes_after_issue_is_corrected_and_never_silently(
    outcomes: Harness, results: Results
) -> None:
    best = results.best
    issue(outcomes)
    paid = Decimal(content(outcomes, best)["outcome"]["paid"])
    settled = [row.therapist_id == best and row.change is not None and row.opened_at.month > 1 for row in results.rows]
    place = settled.index(True)
    row = results.rows[place]
    results.rows[place] = replace(row, baseline=None, excluded=(Exclusion.BASELINE_NOT_BY_PATIENT,))
    to(outcomes, datetime(2027, 7, 2, tzinfo=UTC))
    issue(outcomes, JUNE)
    june = content(outcomes, best, JUNE)
    lines = {line["key"]: line for line in june["inputs"]["corrections"]}
    named = lines[f"episode:{row.episode_id}"]
    assert (named["cause"], named["difference"]) == ("episode_changed", "0.00")
    assert lines["outcome"]["cause"] == "outcome_changed"
    assert Decimal(lines["outcome"]["before"]) == paid
    difference = Decimal(lines["outcome"]["after"]) - paid
    assert Decimal(june["sums"]["total"]) == difference
    listed = {each["episode_id"]: each for each in june["inputs"]["outcome"]["episodes"]}
    assert listed[row.episode_id]["excluded"] == ["baseline_not_by_patient"]
    assert listed[row.episode_id]["outcome"] == "excluded"


def test_instruments_that_are_never_paid_count_for_nothing(outcomes: Harness, results: Results) -> None:
    best = results.best
    place = next(place for place, row in enumerate(results.rows) if row.therapist_id == best)
    results.rows[place] = replace(results.rows[place], instrument="PHQ-9", end=0.0, baseline=27.0)
    issue(outcomes)
    listed = {each["episode_id"]: each for each in content(outcomes, best)["inputs"]["outcome"]["episodes"]}
    found = listed[results.rows[place].episode_id]
    assert (found["outcome"], found["excluded"], found["residual"]) == ("excluded", ["instrument_never_paid"], None)


def test_the_page_behind_the_link_explains_the_pay_and_shows_no_one_else(outcomes: Harness, results: Results) -> None:
    issue(outcomes)
    best = results.best
    id_ = statement_id(outcomes, best)
    browser, path = outcomes.anonymous(), link(outcomes, id_)
    page = browser.get(path)
    assert page.status_code == 200
    total = content(outcomes, best)["sums"]["total"]
    assert f"${total}" in page.text
    for said in ("Your pay for May 2027", "Your own results count", "Worked out", "dispute any line until 2 July 2027"):
        assert said in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script|url\(|@import|style=", page.text)
    document = browser.get(f"{path}/pdf")
    assert (document.mimetype, document.data[:5]) == ("application/pdf", b"%PDF-")
    assert browser.get(f"{path}/pdf").data == document.data
    assert outcomes.as_("therapist", subject=best).get(f"/v1/pay/statements/{id_}/pdf").data == document.data


def test_links_that_are_forged_expired_or_for_something_else_show_nothing(outcomes: Harness, results: Results) -> None:
    issue(outcomes)
    id_ = statement_id(outcomes, results.ids[0])
    browser, path = outcomes.anonymous(), link(outcomes, id_)
    for wrong in (path[:-1], path + "A", link(outcomes, id_, QUESTIONNAIRE)):
        for end in ("", "/pdf"):
            assert browser.get(wrong + end).status_code == 403
    assert browser.get(link(outcomes, id_, practice_id="other")).status_code == 404
    outcomes.clock.advance(timedelta(days=3))
    gone = browser.get(path)
    assert (gone.status_code, "expired" in gone.text, "$" in gone.text) == (410, True, False)
    stranger = outcomes.as_("therapist", subject="t-other")
    refused = stranger.get(f"/v1/pay/statements/{id_}/page")
    assert (refused.status_code, refused.json["code"]) == (404, "not-found")


def link(harness: Harness, id_: str, purpose: str = PAY_STATEMENT, practice_id: str = "demo") -> str:
    expires_at = harness.clock.now() + timedelta(days=3)
    return f"/p/{sign_link(harness.runtime.keyring, purpose, id_, practice_id, expires_at)}"


def dispute(harness: Harness, therapist: str, lines: list[str], status: int = 201) -> Any:
    path = f"/v1/pay/statements/{statement_id(harness, therapist)}/disputes"
    answer = harness.as_("therapist", subject=therapist).post(path, {"lines": lines, "reason": "I stayed longer."})
    assert answer.status_code == status, answer.json
    return answer.json


def decide(harness: Harness, found: Any, outcome: str = "upheld", role: str = "owner", **more: Any) -> Any:
    body = {"outcome": outcome, "explanation": "Looked up.", **more}
    headers = {"If-Match": f'"{found["version"]}"'}
    return harness.as_(role).post(f"/v1/pay/disputes/{found['dispute_id']}/decision", body, headers=headers)


def test_an_upheld_dispute_shows_both_amounts_and_is_settled_on_the_next_statement(
    outcomes: Harness, results: Results
) -> None:
    who = results.ids[0]
    issue(outcomes)
    opened = dispute(outcomes, who, ["session:s-0"])
    assert (opened["state"], opened["recalculation"]) == ("open", [])
    assert "stayed longer" not in outcomes.raw()
    nothing = decide(outcomes, opened)
    assert (nothing.status_code, nothing.json["code"]) == (422, "nothing-to-correct")
    decided = decide(outcomes, opened, rulings={"session:s-0": "130.00"})
    assert (decided.status_code, decided.json["state"]) == (200, "upheld")
    assert decide(outcomes, decided.json, "rejected").json["code"] == "dispute-decided"
    to(outcomes, datetime(2027, 7, 2, tzinfo=UTC))
    issue(outcomes, JUNE)
    (line,) = content(outcomes, who, JUNE)["inputs"]["corrections"]
    assert (line["key"], line["cause"], line["reference"]) == ("session:s-0", "dispute_upheld", opened["dispute_id"])
    assert (line["before"], line["after"], line["difference"]) == ("100.00", "130.00", "30.00")
    to(outcomes, datetime(2027, 8, 2, tzinfo=UTC))
    issue(outcomes, "2027-07")
    assert outcomes.as_("owner").get("/v1/pay/runs/2027-07").json["issued"] == 0


def test_a_dispute_after_an_amendment_shows_the_recalculation(outcomes: Harness, results: Results) -> None:
    who = results.ids[0]
    issue(outcomes)
    opened = dispute(outcomes, who, ["session:s-0", "outcome"])
    signed(outcomes, "s-0", results.ids[1], version=2)
    shown = outcomes.as_("admin").get(f"/v1/pay/disputes/{opened['dispute_id']}").json["recalculation"]
    by_key = {line["key"]: line for line in shown}
    assert (by_key["session:s-0"]["before"], by_key["session:s-0"]["after"]) == ("100.00", "0.00")
    assert decide(outcomes, opened).json["recalculation"] == shown


def test_what_cannot_be_disputed_is_refused_by_name(outcomes: Harness, results: Results) -> None:
    who = results.ids[0]
    issue(outcomes)
    wrong = dispute(outcomes, who, ["session:nobody"], 422)
    assert (wrong["code"], wrong["errors"][0]["field"]) == ("no-such-line", "lines.0")
    path = f"/v1/pay/statements/{statement_id(outcomes, who)}/disputes"
    body = {"lines": ["outcome"], "reason": "It looks low."}
    assert outcomes.as_("therapist", subject=results.ids[1]).post(path, body).status_code == 404
    assert outcomes.as_("owner").post(path, body).status_code == 403
    outcomes.clock.advance(timedelta(days=30) - timedelta(minutes=1))
    opened = dispute(outcomes, who, ["outcome"])
    assert dispute(outcomes, who, ["outcome"], 409)["code"] == "dispute-open"
    assert decide(outcomes, opened, role="biller").status_code == 403
    assert decide(outcomes, {**opened, "version": 9}).status_code == 412
    not_disputed = decide(outcomes, opened, rulings={"session:s-0": "1.00"})
    assert not_disputed.json["errors"][0]["field"] == "rulings.session:s-0"
    assert decide(outcomes, opened, "rejected").json["state"] == "rejected"
    outcomes.clock.advance(timedelta(minutes=1))
    late = dispute(outcomes, who, ["outcome"], 410)
    assert (late["code"], bool(late["errors"][0]["fix"])) == ("dispute-window-closed", True)
    seen = outcomes.as_("therapist", subject=who).get("/v1/pay/disputes").json["items"]
    assert [each["explanation"] for each in seen] == ["Looked up."]
    assert outcomes.as_("therapist", subject=results.ids[1]).get("/v1/pay/disputes").json["items"] == []
