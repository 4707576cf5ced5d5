"""The gaming watch on made-up years: honest ones stay quiet, each script is seen by the figure that is meant for it."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from fascia.problem import Conflict, Forbidden
from outcomes_svc.gaming import words
from outcomes_svc.gaming.course import ended_at_peak, slow, standing
from outcomes_svc.gaming.finding import EvidenceRow, Finding, findings
from outcomes_svc.gaming.flag import FlagState, GamingFlag
from outcomes_svc.gaming.kinds import KIND_OF, Kind, Sign
from outcomes_svc.gaming.watch import FALSE_ALARMS, LIMITS, figures
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.judgement import judge
from outcomes_svc.performance.performance import assess
from outcomes_svc.performance.prediction import PredictionModel, fit_table
from outcomes_svc.simulation.attacks import ATTACKS, sandbag
from outcomes_svc.simulation.generated_practice import GeneratedPractice, two_years
from outcomes_svc.simulation.practice_spec import PracticeSpec
from outcomes_svc.simulation.watched_year import WatchedYear, ends_of, live

BUSY = PracticeSpec(therapists=20, least_episodes=110, most_episodes=130, loss=0.1)
ATTACKER = 7
NOW = datetime(2027, 2, 1, tzinfo=UTC)
AIMED = {
    "sandbagged baselines": Kind.HIGH_BASELINES,
    "cherry-picking": Kind.SELECTED_INTAKE,
    "dropped failures": Kind.MISSING_ENDS,
    "instrument shopping": Kind.INSTRUMENT_CHOICE,
    "early discharge at a peak": Kind.EARLY_ENDS,
    "coached answers": Kind.UNUSUAL_ANSWERS,
}


def lived(seed: int, spec: PracticeSpec = BUSY) -> tuple[WatchedYear, PredictionModel, GeneratedPractice]:
    rng = np.random.default_rng(seed)
    before, after = two_years(spec, rng)
    model = fit_table(live(before, rng).paid, before.year)
    return live(after, rng), model, after


@pytest.fixture(scope="module")
def year() -> tuple[WatchedYear, PredictionModel]:
    found, model, _ = lived(11)
    return found, model


@pytest.mark.parametrize("name", list(ATTACKS))
def test_each_script_is_seen_by_its_own_figure_and_points_at_nobody_else(
    name: str, year: tuple[WatchedYear, PredictionModel]
) -> None:
    honest, model = year
    kind = AIMED[name]
    assert figures(honest.table, model).p(kind)[ATTACKER] > LIMITS[kind]
    after = ATTACKS[name](honest, ATTACKER, np.random.default_rng(3), 1.0)
    found = [one for one in findings(after.table.ids, figures(after.table, model)) if one.kind is kind]
    (flagged,) = found
    assert flagged.therapist_id == after.table.therapists[ATTACKER]
    assert flagged.value > flagged.expected
    assert flagged.evidence
    own = {after.table.ids[row] for row in np.flatnonzero(after.table.cases.therapist.codes == ATTACKER)}
    assert {row.case_id for row in flagged.evidence} <= own


def test_honest_practices_stay_quiet() -> None:
    flags, therapists = 0, 0
    for seed in range(40, 48):
        honest, model, _ = lived(seed, PracticeSpec())
        flags += len({one.therapist_id for one in findings(honest.table.ids, figures(honest.table, model))})
        therapists += 40
    # 2 % are meant; by chance alone more than 5 % come about once in a hundred such runs.
    assert flags <= 0.05 * therapists


def test_the_limits_of_all_kinds_share_one_rate_of_false_alarms() -> None:
    assert set(LIMITS) == set(Kind) == set(KIND_OF.values())
    assert sum(LIMITS.values()) == pytest.approx(FALSE_ALARMS)


def test_figures_do_not_hang_on_the_order_of_the_cases(year: tuple[WatchedYear, PredictionModel]) -> None:
    honest, model = year
    after = sandbag(honest, ATTACKER, np.random.default_rng(3), 1.0).table
    once = findings(after.ids, figures(after, model))
    assert once
    turned = shuffled(after, np.random.default_rng(4).permutation(len(after)))
    assert findings(turned.ids, figures(turned, model)) == once


def shuffled(table: WatchTable, order: Any) -> WatchTable:
    columns: dict[str, Any] = {}
    for field in fields(table):
        column = getattr(table, field.name)
        if isinstance(column, tuple):
            columns[field.name] = tuple(column[place] for place in order)
        else:
            columns[field.name] = column[order] if isinstance(column, np.ndarray) else column.at(order)
    return WatchTable(**columns)


def test_without_a_model_intake_is_not_judged_and_the_rest_is(year: tuple[WatchedYear, PredictionModel]) -> None:
    honest, _ = year
    found = figures(honest.table, None)
    assert Kind.SELECTED_INTAKE not in found.signs
    assert not np.isnan(found.p(Kind.HIGH_BASELINES)).any()


def test_too_few_colleagues_or_cases_are_not_judged() -> None:
    few, model, _ = lived(5, replace(BUSY, therapists=5))
    assert all(np.isnan(figures(few.table, model).p(kind)).all() for kind in Kind)
    thin, model, _ = lived(6, PracticeSpec(therapists=20, least_episodes=9, most_episodes=60))
    p = figures(thin.table, model).p(Kind.HIGH_BASELINES)
    cases = thin.table.counted(thin.table.began)
    assert np.isnan(p[cases < 10]).all()
    assert not np.isnan(p[cases >= 10]).any()


def test_what_is_not_known_is_not_held_against_anybody(year: tuple[WatchedYear, PredictionModel]) -> None:
    honest, model = year
    nothing = np.full(len(honest.table), np.nan)
    blind = replace(honest.table, item_seconds=nothing, same_answer=nothing, in_visit=nothing)
    signs = {one.sign: one for one in figures(blind, model).signs[Kind.UNUSUAL_ANSWERS]}
    for sign in (Sign.ANSWERED_FAST, Sign.SAME_ANSWER_THROUGHOUT, Sign.ANSWERED_DURING_VISIT):
        assert np.isnan(signs[sign].p).all()


def test_columns_and_rows_of_an_attacked_year_are_paid_the_same() -> None:
    """The benchmark judges columns; statements are made by assess() from rows."""
    honest, model, practice = lived(12)
    after = sandbag(
        replace(honest, table=replace(honest.table, began=np.full(len(honest.table), True))),
        7,
        np.random.default_rng(3),
        1.0,
    )
    cases, ends = after.table.cases, ends_of(after)
    rows = [
        replace(
            row,
            baseline=float(cases.baseline[n]),
            end=None if np.isnan(ends[n]) else float(ends[n]),
            case_mix=replace(row.case_mix, baseline_pain=None if np.isnan(cases.pain[n]) else float(cases.pain[n])),
        )
        for n, row in enumerate(practice.rows)
    ]
    by_rows, by_columns = assess(rows, model), judge(after.paid, model)
    assert by_rows.effect == pytest.approx(by_columns.shrunk.practice, abs=1e-8)
    assert by_rows.therapists[7].effect == pytest.approx(by_columns.shrunk.effects[7], abs=1e-8)


def test_the_slow_third_stands_below_what_baselines_lead_to_expect(year: tuple[WatchedYear, PredictionModel]) -> None:
    stands = standing(year[0].table)
    marks = slow(stands)
    known = ~np.isnan(stands)
    assert marks.sum() == pytest.approx(known.sum() / 3, rel=0.02)
    assert stands[marks].max() <= stands[known & ~marks].min()
    baseline = year[0].table.cases.better * year[0].table.cases.baseline
    one = year[0].table.cases.measure.codes == 2
    assert abs(np.corrcoef(stands[known & one], baseline[known & one])[0, 1]) < 0.01


@pytest.mark.parametrize(
    ("scores", "end", "discharged", "better", "mark"),
    [
        ([(7, 6), (14, 5)], (30, 3), 31, -1, 1.0),
        ([(7, 6), (14, 3)], (30, 3), 31, -1, 0.0),
        ([(7, 6), (14, 5)], (84, 3), 84, -1, 0.0),
        ([(7, 6), (14, 5)], (30, 3), 60, -1, 0.0),
        ([(7, 6), (14, 5)], (30, 3), None, -1, 0.0),
        ([(7, 40), (14, 50)], (30, 60), 30, 1, 1.0),
    ],
)
def test_an_end_at_a_peak_is_early_around_a_discharge_and_the_best(
    scores: list[tuple[float, float]], end: tuple[float, float], discharged: float | None, better: int, mark: float
) -> None:
    assert ended_at_peak(scores, end, discharged, better) == mark


def test_one_score_before_the_end_is_no_course() -> None:
    assert np.isnan(ended_at_peak([(14, 5), (40, 2)], (30, 3), 30, -1))


def finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "therapist_id": "t-1",
        "kind": Kind.MISSING_ENDS,
        "sign": Sign.SLOW_COURSES_WITHOUT_END,
        "value": 0.6,
        "expected": 0.25,
        "cases": 20,
        "p": 0.0012,
        "hits": 12,
        "evidence": (EvidenceRow("e-1", -1.5),),
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


def flag(**changes: object) -> GamingFlag:
    made = GamingFlag(
        id="f-1",
        version=1,
        finding=finding(),
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        model_version=None,
        raised_at=NOW,
        seen_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_flag_tells_the_figure_what_is_usual_how_rare_it_is_and_what_may_explain_it() -> None:
    told = flag().summary
    assert "Of 20 courses" in told
    assert "12 (60%) have no end score; 5.0 (25%) would be usual" in told
    assert "1 in 833 therapists" in told
    assert told.endswith("This is worth a look and decides nothing: pay does not change by it.")
    ((row, said),) = flag().evidence
    assert (row.case_id, said) == ("e-1", "-1.50 standard deviations of progress in the middle; no end")


@pytest.mark.parametrize("sign", list(Sign))
def test_words_accuse_nobody_and_offer_an_honest_reason(sign: Sign) -> None:
    one = finding(sign=sign, kind=KIND_OF[sign])
    said = " ".join((words.seen(one), words.may_explain(sign), words.row_words(sign, EvidenceRow("e", 1.0))))
    assert not re.search(r"cheat|fraud|suspic|manipul|guilt|gaming|gamed|sandbag|abus|wrongdo|trick|{|}", said, re.I)
    assert re.search(r"\b(same|fast|steps)\b", words.may_explain(sign))


def test_a_person_decides_once_and_not_about_themselves() -> None:
    decided = flag().decided(FlagState.DISMISSED, "owner", "The clinic's phones were down.", NOW)
    assert (decided.state, decided.version, decided.decided_by, decided.decided_at) == ("dismissed", 2, "owner", NOW)
    with pytest.raises(Conflict):
        decided.decided(FlagState.CONFIRMED, "owner", "After all.", NOW)
    with pytest.raises(Forbidden):
        flag().decided(FlagState.DISMISSED, "t-1", "Mine.", NOW)


def test_newer_figures_reach_open_flags_and_no_decided_one() -> None:
    newer = finding(hits=14, value=0.7)
    again = flag().seen_again(newer, "m", NOW)
    assert (again.finding.hits, again.version, again.model_version) == (14, 2, "m")
    decided = flag().decided(FlagState.CONFIRMED, "owner", "Talked.", NOW)
    assert decided.seen_again(newer, "m", NOW) is decided
