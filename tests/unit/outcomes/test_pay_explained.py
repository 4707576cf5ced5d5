"""docs/pay-explained.md tells therapists the truth: its example is worked out again by what pays them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from outcomes_svc.pay.correction import Cause, Correction
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import Gates, OutcomePart, PayPlan, Rate, RateUnit, TravelPay
from outcomes_svc.pay.share import Basis, GateResult, OutcomeFigures, TherapistFigures, share_rate
from outcomes_svc.pay.statement import StatementInputs, Work, compute
from outcomes_svc.pay.work import DrivenDay, EntryKind, PaidSession, TimeEntry, session_line

DOC = (Path(__file__).parents[3] / "docs" / "pay-explained.md").read_text(encoding="utf-8")
DAY = date(2027, 5, 3)


def table(heading: str) -> list[list[str]]:
    """The rows of the table whose header line begins with `heading`."""
    lines = DOC.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def number(text: str) -> Decimal:
    (found,) = re.findall(r"-?\$?[\d,]*\.?\d+", text)
    return Decimal(found.replace("$", "").replace(",", ""))


SESSIONS = [
    (setting, int(count), int(minutes), per, number(rate), number(one), number(together))
    for setting, count, minutes, per, rate, one, together in table("setting")
]
BESIDE = {what: (number(quantity), number(rate), number(amount)) for what, quantity, rate, amount in table("what")}
EPISODE = {what: number(value) for what, value in table("one episode of Robin's")}
YEAR = {what: number(value) for what, value in table("Robin's year")}
NEEDED = {gate: (number(needed), number(own)) for gate, needed, own in table("gate")}
SHARE = [number(result.removesuffix("%")) for _, result in table("step")]
STATEMENT = {line: number(amount) for line, amount in table("line")}


def plan() -> PayPlan:
    rates = [
        Rate(setting=setting, service_type=None, per=RateUnit(per), amount=rate)
        for setting, _, _, per, rate, _, _ in SESSIONS
    ]
    return PayPlan(
        version=1,
        effective_from=Month(2026, 1),
        currency="USD",
        time_zone="America/New_York",
        rates=tuple(rates),
        hourly=BESIDE["hours"][1],
        travel=TravelPay(per_kilometre=BESIDE["kilometres"][1], per_minute=BESIDE["minutes"][1]),
        outcome=OutcomePart(shadow_until=Month(2026, 12)),
    )


def sessions() -> tuple[PaidSession, ...]:
    return tuple(
        PaidSession(
            id=f"{setting}-{place}",
            version=1,
            date=DAY,
            setting=setting,
            service_type="massage",
            treated_minutes=minutes,
        )
        for setting, count, minutes, *_ in SESSIONS
        for place in range(count)
    )


def figures() -> OutcomeFigures:
    gates = tuple(
        GateResult(name=name, value=own, needed=need, passed=own >= need) for name, (need, own) in NEEDED.items()
    )
    return OutcomeFigures(
        basis=Basis.ASSESSED,
        model_version="example",
        opened_from=date(2025, 12, 3),
        opened_until=date(2026, 12, 3),
        practice_effect=YEAR["the practice's mean u"],
        tau2=YEAR["variance between therapists"],
        sigma2=YEAR["variance within"],
        therapist=TherapistFigures(
            episodes=48,
            followed_up=42,
            follow_up_rate=NEEDED["follow_up"][1],
            n_eff=YEAR["episodes' worth n"],
            mean_residual=YEAR["Robin's mean of r"],
            reliability=own_year("L ="),
            effect=own_year("Robin's own effect"),
            gates=gates,
        ),
        episodes=(),
    )


def own_year(beginning: str) -> Decimal:
    (found,) = [value for what, value in YEAR.items() if what.startswith(beginning)]
    return found


def inputs() -> StatementInputs:
    april = Correction(
        month=Month(2027, 4),
        statement=None,
        key="session:april",
        cause=Cause.SESSION_AMENDED,
        reference="april",
        before=Decimal("46.00"),
        after=Decimal("34.50"),
        difference=STATEMENT["corrections"],
        fingerprint="",
    )
    entries = (
        TimeEntry(id="h", kind=EntryKind.HOURS, date=DAY, quantity=BESIDE["hours"][0]),
        TimeEntry(id="k", kind=EntryKind.KILOMETRES, date=DAY, quantity=BESIDE["kilometres"][0]),
    )
    drives = (DrivenDay(date=DAY, revision=1, minutes=int(BESIDE["minutes"][0])),)
    return StatementInputs(
        practice="demo",
        therapist="robin",
        month=Month(2027, 5),
        sequence=5,
        previous=None,
        issued_at=datetime(2027, 6, 2, tzinfo=UTC),
        plan=plan(),
        work=Work(sessions=sessions(), entries=entries, drives=drives),
        outcome=figures(),
        corrections=(april,),
    )


def shown(value: Decimal, like: Decimal) -> Decimal:
    return value.quantize(like, rounding=ROUND_HALF_UP)


def test_the_tables_are_read() -> None:
    assert (len(SESSIONS), len(BESIDE), len(EPISODE), len(YEAR), len(NEEDED), len(SHARE)) == (3, 3, 6, 7, 3, 5)


def test_sessions_come_to_what_the_page_says() -> None:
    lines = compute(inputs()).lines
    for setting, count, _, _, _, one, together in SESSIONS:
        amounts = [line.amount for line in lines if line.about.get("setting") == setting]
        assert set(amounts) == {one}, setting
        assert (len(amounts), sum(amounts)) == (count, together)


def test_hours_and_ways_come_to_what_the_page_says() -> None:
    amounts = {line.per: line.amount for line in compute(inputs()).lines if line.section != "sessions"}
    assert amounts == {"hour": BESIDE["hours"][2], "kilometre": BESIDE["kilometres"][2], "minute": BESIDE["minutes"][2]}


def test_one_episodes_distance_from_expected() -> None:
    first, last = EPISODE["first answer (pain, 0 to 10)"], EPISODE["last answer"]
    change, expected = EPISODE["change, better is plus"], EPISODE["expected change"]
    assert change == first - last
    assert (change - expected) / EPISODE["one standard deviation"] == EPISODE["distance r"]


def test_how_much_of_the_distance_is_kept() -> None:
    between, within = YEAR["variance between therapists"], YEAR["variance within"]
    kept = between / (between + within / YEAR["episodes' worth n"])
    assert shown(kept, own_year("L =")) == own_year("L =")
    own = kept * (YEAR["Robin's mean of r"] - YEAR["the practice's mean u"])
    assert shown(own, own_year("Robin's own effect")) == own_year("Robin's own effect")


def test_the_gates_are_those_that_every_plan_has_at_least() -> None:
    least = Gates()
    assert {name: needed for name, (needed, _) in NEEDED.items()} == {
        "n_eff": least.n_eff,
        "reliability": least.reliability,
        "follow_up": least.follow_up,
    }


def test_the_share_follows_step_by_step() -> None:
    practice, own, together, percent, amount = SHARE
    share = compute(inputs()).outcome
    assert share is not None
    assert share.individual
    assert (share.practice_part, share.therapist_part) == (practice, own)
    assert together == practice + own
    assert share.rate * 100 == percent
    assert share.paid == amount


def test_the_statement_adds_up() -> None:
    sums = compute(inputs()).sums
    assert {line: getattr(sums, line) for line in STATEMENT} == STATEMENT
    (session_pay,) = set(re.findall(r"[Ss]ession pay (?:is )?\$([\d,]+\.\d\d)", DOC))
    assert number(session_pay) == sums.sessions


def test_the_correction_is_what_the_amendment_costs() -> None:
    before, after = map(int, re.findall(r"from (\d+) to (\d+) minutes", DOC)[0])
    session = replace(sessions()[0], treated_minutes=before)
    paid = [session_line(replace(session, treated_minutes=minutes), plan()).amount for minutes in (before, after)]
    told = re.search(r"\$(\d+\.\d\d) became \$(\d+\.\d\d)", DOC)
    assert told is not None
    assert paid == [Decimal(told[1]), Decimal(told[2])]
    assert paid[1] - paid[0] == STATEMENT["corrections"]


def test_the_limits_are_what_the_page_says() -> None:
    part = OutcomePart(shadow_until=Month(2026, 12))
    assert share_rate(part, Decimal(-1), Decimal(-1)) == 0
    assert share_rate(part, Decimal(1), Decimal(1)) * 100 == 10
