"""Pay from events to statements: plans, runs, bytes, corrections, who may see what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fascia.testing.harness import Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
MAY = "2027-05"


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    """On the morning of 2 June 2027, with a plan since January."""
    harness = harness_of(SERVICE)
    plan_for(harness)
    to(harness, datetime(2027, 6, 2, 14, tzinfo=UTC))
    return harness


def to(harness: Harness, at: datetime) -> None:
    harness.clock.advance(at - harness.clock.now())


def terms(**changes: Any) -> dict[str, Any]:
    rates = [{"setting": name, "amount": amount} for name, amount in RATES.items()]
    return {
        "effective_from": "2027-01",
        "currency": "USD",
        "time_zone": "America/New_York",
        "rates": rates,
        "hourly": "24.00",
        "travel": {"per_minute": "0.30", "per_kilometre": 0.655},
        **changes,
    }


RATES = {"clinic": "11.50", "hospital": "12.50", "private": "12.00", "mobile": 14.25}


def plan_for(harness: Harness, **changes: Any) -> Any:
    answer = harness.as_("owner").post("/v1/pay/plans", terms(**changes))
    assert answer.status_code == 201, answer.json
    return answer.json


def signed(
    harness: Harness,
    id_: str,
    at: datetime = datetime(2027, 5, 10, 15, tzinfo=UTC),
    minutes: int = 53,
    setting: str = "clinic",
    therapist: str = "t-1",
    version: int = 1,
) -> None:
    harness.deliver(
        "session.completed" if version == 1 else "session.amended",
        {
            "session_id": id_,
            "version": version,
            "appointment_id": f"a-{id_}",
            "patient_id": f"p-{id_}",
            "therapist_id": therapist,
            "setting": setting,
            "service_type": "massage-60",
            "condition_codes": ["M54.59"],
            "started_at": at,
            "ended_at": at + timedelta(hours=1),
            "signed_at": at + timedelta(hours=1),
            "treated_minutes": minutes,
            "measures": [],
        },
    )


def issue(harness: Harness, month: str = MAY, status: int = 201) -> Any:
    answer = harness.as_("admin").post("/v1/pay/statements", {"month": month})
    assert answer.status_code == status, answer.json
    return answer.json


def listed(harness: Harness, month: str = MAY, therapist: str = "t-1") -> dict[str, Any]:
    path = f"/v1/pay/statements?month={month}&therapist_id={therapist}"
    (found,) = harness.as_("biller").get(path).json["items"]
    statement: dict[str, Any] = found
    return statement


def content(harness: Harness, month: str = MAY, therapist: str = "t-1") -> dict[str, Any]:
    id_ = listed(harness, month, therapist)["statement_id"]
    found: dict[str, Any] = json.loads(harness.as_("owner").get(f"/v1/pay/statements/{id_}").data)["content"]
    return found


def replayed(harness: Harness, month: str = MAY) -> Any:
    id_ = listed(harness, month)["statement_id"]
    answer = harness.as_("auditor").post(f"/v1/pay/statements/{id_}/replay")
    assert answer.status_code == 200, answer.json
    return answer.json


def differences(harness: Harness, month: str = MAY) -> list[dict[str, Any]]:
    id_ = listed(harness, month)["statement_id"]
    found: list[dict[str, Any]] = harness.as_("owner").get(f"/v1/pay/statements/{id_}/differences").json["items"]
    return found


def test_a_month_of_sessions_becomes_a_statement_per_therapist(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    signed(outcomes, "s-2", minutes=23, setting="mobile")
    signed(outcomes, "s-3", therapist="t-2")
    signed(outcomes, "s-4", at=datetime(2027, 6, 1, 15, tzinfo=UTC))
    run = issue(outcomes)
    assert (run["state"], run["issued"], run["waiting"]) == ("done", 2, 0)
    one = content(outcomes)
    assert [(line["key"], line["quantity"], line["amount"]) for line in one["lines"]] == [
        ("session:s-1", "4.000000", "46.00"),
        ("session:s-2", "2.000000", "28.50"),
    ]
    assert one["sums"]["total"] == "74.50"
    assert content(outcomes, therapist="t-2")["sums"]["total"] == "46.00"
    told = outcomes.published("pay.statement.issued")
    assert {event.data["therapist_id"] for event in told} == {"t-1", "t-2"}
    assert {(event.data["month"], event.data["version"]) for event in told} == {(MAY, 1)}
    assert "74.50" not in json.dumps([event.data for event in told], default=str)


def test_a_statement_is_served_as_the_bytes_that_were_issued_and_replays_to_them(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    issue(outcomes)
    found = listed(outcomes)
    reader = outcomes.as_("therapist", subject="t-1")
    first = reader.get(f"/v1/pay/statements/{found['statement_id']}")
    outcomes.clock.advance(timedelta(days=40))
    assert reader.get(f"/v1/pay/statements/{found['statement_id']}").data == first.data
    assert json.loads(first.data)["sha256"] == found["sha256"]
    again = replayed(outcomes)
    assert again["kept"] == {"equal": True, "sha256": found["sha256"], "difference": None}
    assert again["projected"] == again["kept"]
    assert differences(outcomes) == []


def test_the_same_events_in_any_order_and_number_give_the_same_bytes(harness_of: Callable[..., Harness]) -> None:
    days = [datetime(2027, 5, day, 15, tzinfo=UTC) for day in (3, 4, 5, 6)]
    kept = []
    for order in ([0, 1, 2, 3], [3, 1, 0, 2, 2, 1, 0, 3, 3]):
        harness = harness_of(SERVICE)
        plan_for(harness)
        to(harness, datetime(2027, 6, 2, 14, tzinfo=UTC))
        for number in order:
            signed(harness, f"s-{number}", at=days[number], minutes=23 + 10 * number)
        issue(harness)
        kept.append(harness.as_("owner").get(f"/v1/pay/statements/{listed(harness)['statement_id']}").data)
    assert kept[0] == kept[1]


def test_asking_twice_issues_once(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    issue(outcomes)
    assert issue(outcomes, status=200)["issued"] == 1
    assert len(outcomes.published("pay.statement.issued")) == 1


def test_two_who_ask_at_once_issue_once(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    signed(outcomes, "s-2", therapist="t-2")

    def ask(_: int) -> int:
        answer = outcomes.as_("owner").post("/v1/pay/statements", {"month": MAY})
        return int(answer.status_code)

    with ThreadPoolExecutor(3) as askers:
        assert sorted(askers.map(ask, range(3))) == [200, 200, 201]
    assert len(outcomes.published("pay.statement.issued")) == 2


def test_two_plans_at_once_get_a_version_each(outcomes: Harness) -> None:
    with ThreadPoolExecutor(2) as owners:
        versions = owners.map(lambda _: plan_for(outcomes, effective_from="2027-03")["version"], range(2))
        assert sorted(versions) == [2, 3]


def test_many_therapists_are_served_by_the_worker(outcomes: Harness) -> None:
    for number in range(30):
        signed(outcomes, f"s-{number:02}", therapist=f"t-{number:02}")
    run = issue(outcomes, status=202)
    assert (run["state"], run["therapists"], run["issued"], run["waiting"]) == ("running", 30, 25, 5)
    assert outcomes.as_("biller").get(f"/v1/pay/payroll?month={MAY}").status_code == 409
    outcomes.run_job("issue-pay")
    done = outcomes.as_("owner").get(f"/v1/pay/runs/{MAY}").json
    assert (done["state"], done["issued"]) == ("done", 30)
    outcomes.run_job("issue-pay")
    assert len(outcomes.published("pay.statement.issued")) == 30


def test_a_plan_may_name_the_day_on_which_statements_go_out(outcomes: Harness) -> None:
    plan_for(outcomes, issue_on_day=5, effective_from="2027-02")
    signed(outcomes, "s-1")
    outcomes.run_job("issue-pay")
    assert outcomes.published("pay.statement.issued") == []
    # The fifth begins at four in the morning of UTC where the practice is.
    to(outcomes, datetime(2027, 6, 5, 3, 59, tzinfo=UTC))
    outcomes.run_job("issue-pay")
    assert outcomes.published("pay.statement.issued") == []
    outcomes.clock.advance(timedelta(minutes=1))
    outcomes.run_job("issue-pay")
    outcomes.run_job("issue-pay")
    assert [event.data["month"] for event in outcomes.published("pay.statement.issued")] == [MAY]


def test_the_last_evening_of_a_month_belongs_to_it(outcomes: Harness) -> None:
    plan_for(outcomes, zones={"t-2": "Europe/Berlin"}, effective_from="2027-02")
    late = datetime(2027, 6, 1, 1, tzinfo=UTC)
    signed(outcomes, "s-1", at=late)
    signed(outcomes, "s-2", at=late, therapist="t-2")
    assert issue(outcomes)["issued"] == 1
    assert content(outcomes)["lines"][0]["date"] == "2027-05-31"
    to(outcomes, datetime(2027, 7, 2, 14, tzinfo=UTC))
    issue(outcomes, "2027-06")
    other = content(outcomes, "2027-06", "t-2")
    assert (other["lines"][0]["date"], other["inputs"]["plan"]["time_zone"]) == ("2027-06-01", "Europe/Berlin")


@pytest.mark.parametrize(
    ("month", "status", "code"),
    [("2027-06", 422, "month-not-over"), ("2026-12", 422, "no-pay-plan"), ("2027-13", 422, "validation-failed")],
)
def test_what_cannot_be_issued_is_refused_by_name(outcomes: Harness, month: str, status: int, code: str) -> None:
    answer = outcomes.as_("owner").post("/v1/pay/statements", {"month": month})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (status, "month")
    assert answer.json["errors"][0]["fix"]
    if code != "validation-failed":
        assert answer.json["code"] == code


def test_months_follow_each_other(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    issue(outcomes)
    to(outcomes, datetime(2027, 8, 2, tzinfo=UTC))
    for month in ("2027-04", "2027-07"):
        answer = outcomes.as_("owner").post("/v1/pay/statements", {"month": month})
        assert (answer.status_code, answer.json["code"]) == (409, "not-the-next-month")
        assert "2027-06" in answer.json["errors"][0]["fix"]


def test_routes_and_recorded_entries_are_paid(outcomes: Harness) -> None:
    signed(outcomes, "s-1", setting="mobile")
    for revision, minutes in ((2, 25), (1, 99)):
        drive(outcomes, revision, [10, minutes])
    desk = outcomes.as_("biller")
    for kind, quantity in (("hours", "2.5"), ("kilometres", 31), ("drive_minutes", 500)):
        entry = {"therapist_id": "t-1", "kind": kind, "date": "2027-05-10", "quantity": quantity}
        assert desk.post("/v1/pay/hours", entry).status_code == 201
    issue(outcomes)
    sums = content(outcomes)["sums"]
    assert (sums["sessions"], sums["hours"], sums["travel"]) == ("57.00", "60.00", "30.81")
    assert "Some Body" not in outcomes.raw()


def drive(harness: Harness, revision: int, minutes: list[int]) -> None:
    at = datetime(2027, 5, 10, 15, tzinfo=UTC)
    harness.deliver(
        "route.published",
        {
            "route_id": "t-1:2027-05-10",
            "therapist_id": "t-1",
            "therapist": {"name": "Some Body", "phone": None, "email": None},
            "date": date(2027, 5, 10),
            "time_zone": "America/New_York",
            "revision": revision,
            "stops": [
                {
                    "appointment_id": f"a-{place}",
                    "starts_at": at,
                    "ends_at": at,
                    "drive_minutes": each,
                    "setting": "mobile",
                    "patient_name": "Some Body",
                    "address": None,
                }
                for place, each in enumerate(minutes)
            ],
        },
    )


def test_an_amended_session_is_corrected_on_the_next_statement_and_the_old_one_stays(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    signed(outcomes, "s-2")
    issue(outcomes)
    before = listed(outcomes)
    signed(outcomes, "s-1", minutes=38, version=2)
    signed(outcomes, "s-late", minutes=23)
    found = replayed(outcomes)
    assert found["kept"]["equal"]
    assert not found["projected"]["equal"]
    assert "lines" in found["projected"]["difference"] or "work" in found["projected"]["difference"]
    assert [(line["key"], line["cause"], line["difference"]) for line in differences(outcomes)] == [
        ("session:s-1", "session_amended", "-11.50"),
        ("session:s-late", "session_added", "23.00"),
    ]
    assert listed(outcomes) == before
    to(outcomes, datetime(2027, 7, 2, tzinfo=UTC))
    issue(outcomes, "2027-06")
    june = content(outcomes, "2027-06")
    assert [
        (line["key"], line["cause"], line["before"], line["after"], line["statement"])
        for line in june["inputs"]["corrections"]
    ] == [
        ("session:s-1", "session_amended", "46.00", "34.50", before["sha256"]),
        ("session:s-late", "session_added", "0.00", "23.00", before["sha256"]),
    ]
    assert (june["sums"]["corrections"], june["sums"]["total"]) == ("11.50", "11.50")
    assert june["inputs"]["previous"] == before["sha256"]
    to(outcomes, datetime(2027, 8, 2, tzinfo=UTC))
    assert issue(outcomes, "2027-07")["issued"] == 0, "what is settled is not settled again"


def test_a_session_that_was_another_therapists_moves_with_its_pay(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    issue(outcomes)
    signed(outcomes, "s-1", therapist="t-2", version=2)
    to(outcomes, datetime(2027, 7, 2, tzinfo=UTC))
    issue(outcomes, "2027-06")
    assert content(outcomes, "2027-06")["sums"]["total"] == "-46.00"
    moved = content(outcomes, "2027-06", "t-2")
    assert (moved["sums"]["total"], moved["inputs"]["corrections"][0]["statement"]) == ("46.00", None)


def test_hours_that_are_withdrawn_or_come_late_are_corrected(outcomes: Harness) -> None:
    desk = outcomes.as_("admin")
    entry = {"therapist_id": "t-1", "kind": "hours", "date": "2027-05-10", "quantity": "2"}
    wrong = desk.post("/v1/pay/hours", entry).json["entry_id"]
    issue(outcomes)
    assert desk.post(f"/v1/pay/hours/{wrong}/withdrawal").status_code == 200
    assert desk.post(f"/v1/pay/hours/{wrong}/withdrawal").json["code"] == "already-withdrawn"
    desk.post("/v1/pay/hours", {**entry, "quantity": "1.5"})
    to(outcomes, datetime(2027, 7, 2, tzinfo=UTC))
    issue(outcomes, "2027-06")
    lines = content(outcomes, "2027-06")["inputs"]["corrections"]
    assert sorted((line["cause"], line["difference"]) for line in lines) == [
        ("entry_added", "36.00"),
        ("entry_withdrawn", "-48.00"),
    ]


def test_a_day_that_was_published_anew_after_issue_is_corrected(outcomes: Harness) -> None:
    drive(outcomes, 1, [10, 25])
    issue(outcomes)
    drive(outcomes, 2, [10, 45])
    to(outcomes, datetime(2027, 7, 2, tzinfo=UTC))
    issue(outcomes, "2027-06")
    (line,) = content(outcomes, "2027-06")["inputs"]["corrections"]
    assert (line["key"], line["cause"], line["difference"]) == ("route:2027-05-10", "travel_changed", "6.00")


def test_payroll_is_a_table_that_no_spreadsheet_runs(outcomes: Harness) -> None:
    signed(outcomes, "s-1", therapist="=cmd|' /C calc'!A0")
    signed(outcomes, "s-2", therapist='t "2", junior')
    issue(outcomes)
    answer = outcomes.as_("biller").get(f"/v1/pay/payroll?month={MAY}")
    assert answer.mimetype == "text/csv"
    assert answer.text.count("\r\n") == 3
    header, *rows = list(csv.reader(io.StringIO(answer.text)))
    assert header[0] == "therapist_id"
    assert [row[0] for row in rows] == ["'=cmd|' /C calc'!A0", 't "2", junior']
    assert [(row[4], row[9]) for row in rows] == [("46.00", "46.00"), ("46.00", "46.00")]
    assert outcomes.as_("therapist", subject="t-1").get(f"/v1/pay/payroll?month={MAY}").status_code == 403


def test_a_therapist_sees_their_own_pay_and_nobody_elses(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    signed(outcomes, "s-2", therapist="t-2")
    issue(outcomes)
    own, other = listed(outcomes)["statement_id"], listed(outcomes, therapist="t-2")["statement_id"]
    me = outcomes.as_("therapist", subject="t-1")
    assert [item["statement_id"] for item in me.get("/v1/pay/statements?therapist_id=t-2").json["items"]] == [own]
    for path in ("", "/replay"):
        method = me.post if path else me.get
        assert method(f"/v1/pay/statements/{own}{path}").status_code == 200
        assert method(f"/v1/pay/statements/{other}{path}").status_code == 404
    assert me.get("/v1/pay/plans/1").json["rates"][0]["amount"] == "11.50"
    zones = {"t-1": "America/Chicago", "t-2": "Europe/Berlin"}
    version = plan_for(outcomes, effective_from="2027-06", zones=zones)["version"]
    assert me.get(f"/v1/pay/plans/{version}").json["zones"] == {"t-1": "America/Chicago"}
    assert me.get("/v1/pay/plans").json["items"][1]["zones"] == {"t-1": "America/Chicago"}
    assert outcomes.as_("biller").get(f"/v1/pay/plans/{version}").json["zones"] == zones
    assert me.post("/v1/pay/statements", {"month": MAY}).status_code == 403
    assert me.post("/v1/pay/plans", terms()).status_code == 403
    stranger = outcomes.as_("owner", practice_id="other")
    assert stranger.get(f"/v1/pay/statements/{own}").status_code == 404
    assert stranger.get("/v1/pay/plans").json["items"] == []
    assert outcomes.as_("dispatcher").get("/v1/pay/statements").status_code == 403
    assert outcomes.as_("auditor").post("/v1/pay/hours", {}).status_code == 403


def test_plans_are_added_and_never_changed(outcomes: Harness) -> None:
    signed(outcomes, "s-1")
    issue(outcomes)
    late = outcomes.as_("owner").post("/v1/pay/plans", terms(effective_from=MAY))
    assert (late.status_code, late.json["errors"][0]["field"]) == (422, "effective_from")
    raised = plan_for(outcomes, effective_from="2027-06", rates=[{"setting": s, "amount": "20"} for s in RATES])
    assert raised["version"] == 2
    signed(outcomes, "s-2", at=datetime(2027, 6, 3, 15, tzinfo=UTC))
    to(outcomes, datetime(2027, 7, 2, tzinfo=UTC))
    issue(outcomes, "2027-06")
    june = content(outcomes, "2027-06")
    assert (june["inputs"]["plan"]["version"], june["sums"]["total"]) == (2, "80.00")
    versions = outcomes.as_("auditor").get("/v1/pay/plans?limit=1").json
    assert [plan["version"] for plan in versions["items"]] == [1]
    assert versions["next_cursor"]
    assert outcomes.as_("auditor").get("/v1/pay/plans/9").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": "XXX"}, "currency"),
        ({"time_zone": "Nowhere/None"}, "time_zone"),
        ({"rates": [{"setting": "clinic", "amount": "1"}]}, "rates"),
        ({"rates": [{"setting": s, "amount": a} for s, a in RATES.items()] * 2}, "rates.0"),
        ({"rates": [{"setting": s, "amount": "0.001"} for s in RATES]}, "rates.0.amount"),
        ({"rates": [{"setting": s, "amount": "-1"} for s in RATES]}, "rates.0.amount"),
        ({"rates": [{"setting": s, "amount": "NaN"} for s in RATES]}, "rates.0.amount"),
        ({"hourly": "-1"}, "hourly"),
        ({"issue_on_day": 31}, "issue_on_day"),
        ({"outcome": {"shadow_until": "2027-06"}}, "outcome.shadow_until"),
        ({"outcome": {"shadow_until": "2028-01", "max_share": "0.9"}}, "outcome.max_share"),
        ({"outcome": {"shadow_until": "2028-01", "practice_weight": "0.5"}}, "outcome.practice_weight"),
        ({"outcome": {"shadow_until": "2028-01", "full_effect": "0"}}, "outcome.full_effect"),
        ({"outcome": {"shadow_until": "2028-01", "gates": {"n_eff": 10}}}, "outcome.gates.n_eff"),
        ({"outcome": {}}, "outcome.shadow_until"),
        ({"effective_from": "May"}, "effective_from"),
        ({"bonus": 1}, "bonus"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused_with_field_and_fix(
    outcomes: Harness, changes: dict[str, Any], field: str
) -> None:
    answer = outcomes.as_("owner").post("/v1/pay/plans", terms(**changes))
    assert answer.status_code == 422
    named = {error["field"]: error["fix"] for error in answer.json["errors"]}
    assert named.get(field), named
    assert len(outcomes.as_("owner").get("/v1/pay/plans").json["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": "25"}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"date": "2027-06-20"}, "date"),
        ({"kind": "tips"}, "kind"),
    ],
)
def test_what_no_day_can_hold_is_not_recorded(outcomes: Harness, changes: dict[str, Any], field: str) -> None:
    entry = {"therapist_id": "t-1", "kind": "hours", "date": "2027-05-10", "quantity": "2", **changes}
    answer = outcomes.as_("owner").post("/v1/pay/hours", entry)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert answer.json["errors"][0]["fix"]
