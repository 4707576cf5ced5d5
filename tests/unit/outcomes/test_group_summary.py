"""Figures of groups: what they rest on, what is left out, and funnels over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from outcomes_svc.performance.performance import EpisodeResidual
from outcomes_svc.results.breakdown import ALL, By, Cell, shown_groups
from outcomes_svc.results.case_mix_check import case_mix_check
from outcomes_svc.results.episode_result import CaseMix, EpisodeResult, Exclusion
from outcomes_svc.results.figure import Figure, share, standardised_response_mean
from outcomes_svc.results.funnel import Funnel, Measure, Position, anonymous, funnel
from outcomes_svc.results.funnel_words import headline, notes
from outcomes_svc.results.summary import Summary, completeness, summary

PRACTICE = Cell(By.PRACTICE, ALL)
DAY = datetime(2026, 3, 2, tzinfo=UTC)
LATE = DAY + timedelta(days=400)


def result(number: int, change: float | None = 2.0, **fields: object) -> EpisodeResult:
    """An episode on a pain scale of which 2 points are an improvement."""
    known = {
        "episode_id": f"e-{number}",
        "patient_id": f"p-{number}",
        "therapist_id": "t-1",
        "location_id": "north",
        "setting": "clinic",
        "condition": "M54",
        "instrument": "NPRS",
        "instrument_version": "1",
        "better": -1,
        "opened_at": DAY,
        "closed_at": DAY,
        "sessions": 5,
        "session_ids": (),
        "case_mix": CaseMix(),
        "baseline": 8.0,
        "end": None if change is None else 8.0 - change,
        "improved": None if change is None else change >= 2,
    }
    return EpisodeResult(**{**known, **fields})  # type: ignore[arg-type]


def residual(number: int, value: float, weight: float = 1.0, predicted: float = 2.0) -> EpisodeResidual:
    return EpisodeResidual(
        episode_id=f"e-{number}",
        therapist_id="t-1",
        outcome="counted",
        change=predicted + value,
        predicted=predicted,
        sigma=1.0,
        residual=value,
        weight=weight,
    )


def summed(results: Sequence[EpisodeResult], cell: Cell = PRACTICE, **residuals: EpisodeResidual) -> Summary:
    return summary(cell, results, residuals, shown_groups(results), LATE)


def test_completeness_names_what_is_missing() -> None:
    known = completeness(
        [
            result(1),
            result(2, None),
            result(3, None, baseline=None, excluded=(Exclusion.NO_BASELINE,)),
            result(4, excluded=(Exclusion.SEVERAL_THERAPISTS,)),
            result(5, excluded=(Exclusion.STILL_OPEN,)),
            result(6, None, baseline=None, excluded=(Exclusion.STILL_OPEN, Exclusion.NO_BASELINE)),
        ],
        LATE,
    )
    assert (known.episodes, known.still_open, known.closed) == (6, 2, 4)
    assert (known.with_baseline, known.counted, known.followed_up) == (3, 2, 1)
    assert (known.share_with_baseline, known.share_followed_up) == (0.75, 0.5)
    assert known.excluded == {"no_baseline": 1, "several_therapists": 1}


def test_who_may_still_answer_is_not_lost() -> None:
    results = [result(1), result(2, None), result(3, None)]
    assert completeness(results, DAY + timedelta(days=100)).awaited == 2
    assert completeness(results, LATE).awaited == 0


def test_every_figure_says_what_it_rests_on() -> None:
    changes = [float(n % 5) for n in range(20)]
    found = summed([result(n, change) for n, change in enumerate(changes)] + [result(90, None), result(91, None)])
    (pain,) = found.by_instrument
    assert pain.mean_change is not None
    assert pain.response is not None
    interval = stats.t.interval(0.95, 19, np.mean(changes), stats.sem(changes))
    assert (pain.mean_change.low, pain.mean_change.high) == pytest.approx(interval, abs=1e-4)
    assert pain.response.value == pytest.approx(np.mean(changes) / np.std(changes, ddof=1), abs=1e-4)
    for figure in (pain.mean_change, pain.response, pain.improved, found.whole.improved):
        assert figure is not None
        assert (figure.episodes, figure.of, figure.completeness) == (20, 22, pytest.approx(20 / 22, abs=1e-4))


def test_points_of_different_instruments_are_never_averaged() -> None:
    results = [result(n) for n in range(15)] + [result(n, instrument="PEG") for n in range(20, 35)]
    assert summed(results).whole.mean_change is None
    mixed = [result(n) for n in range(15)] + [result(n, instrument_version="2") for n in range(20, 35)]
    (pain,) = summed(mixed).by_instrument
    assert pain.mean_change is not None
    assert (pain.mean_change.value, pain.mean_change.missing) == (None, "several_versions")


def test_what_cannot_be_judged_is_not_counted_as_not_improved() -> None:
    judged = [result(n, 3.0) for n in range(12)]
    unjudged = [replace(result(n, 3.0, instrument="ROM"), improved=None) for n in range(20, 32)]
    improved = summed([*judged, *unjudged]).whole.improved
    assert improved is not None
    assert (improved.value, improved.episodes, improved.of) == (1.0, 12, 24)


def test_a_small_condition_is_hidden_together_with_another() -> None:
    results = [result(n, condition="M54") for n in range(30)]
    results += [result(n, condition="M79") for n in range(30, 45)]
    results += [result(n, condition="G43") for n in range(45, 48)]
    found = summed(results)
    assert {group.key: group.suppressed for group in found.by_condition} == {"G43": True, "M54": False, "M79": True}
    assert all(group.improved is None for group in found.by_condition if group.suppressed)
    assert found.whole.improved is not None


def test_a_filter_does_not_open_what_the_whole_period_hides() -> None:
    """M79 has episodes enough, and is hidden all the same: it stands between G43 and the total."""
    results = [result(n, condition="M54") for n in range(30)]
    results += [result(n, condition="M79") for n in range(30, 45)]
    results += [result(n, condition="G43") for n in range(45, 48)]
    shown = shown_groups(results)
    cell = PRACTICE._replace(condition="M79")
    assert summary(cell, [each for each in results if each.condition == "M79"], {}, shown, LATE).whole.suppressed


def test_residuals_are_weighted_for_who_was_lost() -> None:
    results = [result(n) for n in range(20)]
    residuals = {f"e-{n}": residual(n, 1.0 if n % 2 else 0.0, weight=3.0 if n % 2 else 1.0) for n in range(20)}
    figure = summary(PRACTICE, results, residuals, shown_groups(results), LATE).whole.residual
    assert figure is not None
    assert figure.value == pytest.approx(0.75)
    assert figure.low is not None
    effective = (10 * 3 + 10) ** 2 / (10 * 9 + 10)
    half = stats.t.ppf(0.975, 19) * math.sqrt(0.75 * 0.25 * 20 / 19) / math.sqrt(effective)
    assert figure.low == pytest.approx(0.75 - half, abs=1e-4)
    assert summed(results).whole.residual == Figure(unit=figure.unit, episodes=0, of=20, missing="no_model")


def test_intervals_of_shares_are_wilsons() -> None:
    """15 of 20: 0.5313 to 0.8881 (Newcombe 1998, Stat Med 17:857, method 3)."""
    figure = share([True] * 15 + [False] * 5, 25)
    assert (figure.value, figure.low, figure.high) == (0.75, 0.5313, 0.8881)
    assert share([True] * 12, 12).high == 1.0


def test_no_spread_is_no_response() -> None:
    assert standardised_response_mean([2.0, 2.0, 2.0], 3).missing == "no_spread"
    assert standardised_response_mean([2.0], 1).missing == "too_few_episodes"


def practice_of(improved: dict[str, tuple[int, int]]) -> list[EpisodeResult]:
    """Episodes by therapist: how many improved, of how many."""
    results = []
    for name, (good, count) in improved.items():
        results += [result(len(results) + n, 4.0 if n < good else 0.0, therapist_id=name) for n in range(count)]
    return results


def compared(results: list[EpisodeResult]) -> Funnel:
    found = funnel(results, {}, shown_groups(results), by=By.THERAPIST, measure=Measure.IMPROVED, whole=PRACTICE)
    assert found is not None
    return found


SIX = {"a": (30, 60), "b": (20, 40), "c": (33, 60), "d": (57, 60), "e": (2, 30), "f": (25, 50)}


def test_a_funnel_tells_who_lies_outside() -> None:
    found = compared(practice_of(SIX))
    assert found.target == pytest.approx(167 / 300, abs=1e-4)
    places = {point.group: point.position for point in found.points}
    assert places == {
        "a": Position.WITHIN,
        "b": Position.WITHIN,
        "c": Position.WITHIN,
        "d": Position.FAR_ABOVE,
        "e": Position.FAR_BELOW,
        "f": Position.WITHIN,
    }
    assert headline(found) == "2 of 6 therapists lie outside the 95% limits: 1 above and 1 below."
    assert (
        "about 0.3 of 6 therapists outside the 95% limits (at least one with a probability of 26%)" in notes(found)[1]
    )


def test_therapists_with_few_episodes_are_counted_and_not_drawn() -> None:
    found = compared(practice_of({**SIX, "g": (1, 4)}))
    assert "g" not in {point.group for point in found.points}
    assert found.hidden == 2
    assert "2 therapists not shown" in notes(found)[-1]


def test_a_therapist_sees_the_others_without_names() -> None:
    seen = anonymous(compared(practice_of(SIX)), "b")
    assert seen is not None
    assert [point.group for point in seen.points if point.group] == ["b"]
    assert [point.own for point in seen.points].count(True) == 1
    assert len(seen.points) == 6
    three = compared(practice_of({name: SIX[name] for name in ("a", "b", "c")}))
    assert anonymous(three, "b") is None


def test_means_are_compared_by_normal_limits() -> None:
    results = practice_of({name: (count, count) for name, (_, count) in SIX.items()})
    rng = np.random.default_rng(3)
    skill = {"d": 1.0}
    residuals = {
        each.episode_id: residual(int(each.episode_id[2:]), float(rng.normal(skill.get(each.therapist_id, 0.0))))
        for each in results
    }
    found = funnel(results, residuals, shown_groups(results), by=By.THERAPIST, measure=Measure.RESIDUAL, whole=PRACTICE)
    assert found is not None
    places = {point.group: point.position for point in found.points}
    assert places["d"] is Position.FAR_ABOVE
    own = [found_.residual for found_ in residuals.values() if found_.residual is not None]
    assert found.target == pytest.approx(np.mean(own), abs=1e-4)
    assert found.spread == pytest.approx(1.0, abs=0.12)


def test_a_prediction_that_is_off_for_hard_cases_is_noticed() -> None:
    rng = np.random.default_rng(4)
    cases = [(float(rng.normal(2)), float(rng.normal())) for _ in range(200)]
    fits = case_mix_check(residual(n, noise, predicted=easy) for n, (easy, noise) in enumerate(cases))
    assert fits.holds
    off = case_mix_check(residual(n, noise + 0.5 * (easy - 2), predicted=easy) for n, (easy, noise) in enumerate(cases))
    assert off.holds is False
    r, p = stats.pearsonr([noise + 0.5 * (easy - 2) for easy, noise in cases], [easy for easy, _ in cases])
    assert (off.correlation, off.p_value) == (pytest.approx(r, abs=1e-4), pytest.approx(p, abs=1e-4))
    assert case_mix_check([residual(1, 0.5)]).holds is None
