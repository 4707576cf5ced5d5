"""Calibration: what a practice's own drives say about its speeds, with phones that are told late now and then."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fascia.problem import Conflict
from scheduling_svc.travel.calibration import Measured, error_of, fitted
from scheduling_svc.travel.drive import Doubt, Drive, Drives, Step, drives_of_day
from scheduling_svc.travel.great_circle import great_circle_km
from scheduling_svc.travel.proposal import propose
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.practice import Practice

NOW = datetime(2027, 1, 18, 17, tzinfo=UTC)
SPAN = (date(2026, 10, 1), date(2027, 1, 17))
BASE, NORTH, EAST = Coordinates(47.1, 9.5), Coordinates(47.2, 9.5), Coordinates(47.1, 9.7)
PRACTICE = Practice("Sample Practice", "America/New_York")


def made_up(count: int, seed: int = 1, rush: float = 1.8, parking: float = 3.0, sloppy: float = 0.1) -> list[Measured]:
    """Drives with parking, slow at 8 and 17, of which some were told wrongly."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        hour, base = chance.randrange(24 * 5), chance.uniform(2, 40)
        slow = rush if hour % 24 in (8, 17) else 1.2
        minutes = (parking + slow * base) * chance.gauss(1, 0.05)
        if chance.random() < sloppy:
            minutes *= chance.choice((0.2, 3))
        found.append(Measured(hour, minutes, base))
    return found


def test_parking_and_rush_hours_are_found_in_spite_of_sloppy_reports() -> None:
    fit, after = fitted(made_up(2_000))
    assert fit.overhead == pytest.approx(3, abs=1)
    assert fit.factors[8] == pytest.approx(1.8, rel=0.1)
    assert fit.factors[12] == pytest.approx(1.2, rel=0.1)
    honest = made_up(500, seed=2, sloppy=0)
    before = error_of((drive.base, drive.minutes) for drive in honest)
    unseen = error_of((fit.minutes(drive), drive.minutes) for drive in honest)
    assert unseen.mean < before.mean / 4
    assert after.p90 < before.p90


def test_hours_without_drives_lean_on_the_others() -> None:
    fit, _ = fitted([replace(drive, hour=10) for drive in made_up(100, rush=1.2, sloppy=0)])
    assert len(fit.factors) == 24
    assert fit.factors[3] == pytest.approx(1.2, rel=0.1)


def test_days_of_the_week_are_told_apart_where_they_differ() -> None:
    drives = [
        Measured(hour, base * (1.0 if hour < 24 else 2.0), base)
        for hour in (9, 33, 57)
        for base in (3 + n / 10 for n in range(200))
    ]
    fit, after = fitted(drives)
    assert len(fit.factors) == 168
    assert fit.factors[9] == pytest.approx(1.0, rel=0.1)
    assert fit.factors[33] == pytest.approx(2.0, rel=0.1)
    assert after.mean < 0.5


def test_one_drive_in_an_hour_does_not_move_it_far() -> None:
    drives = [Measured(10, 12.0, 10.0)] * 60 + [Measured(3, 39.0, 10.0)]
    fit, _ = fitted(drives)
    assert fit.factors[3] < 1.5


def test_the_fit_is_the_same_every_time() -> None:
    assert fitted(made_up(300)) == fitted(made_up(300))


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_day_gives_the_drives_between_visits_and_says_what_it_leaves_out() -> None:
    steps = [
        Step(at(0), at(20), NORTH),
        Step(at(100), at(100), EAST),  # told at the door
        Step(at(200), None, BASE),  # nobody was there, or it was given up on the way
        Step(at(300), at(320), NORTH),  # from where?
        Step(at(400), at(405), Coordinates(47.2001, 9.5)),
        Step(at(500), at(1_000), BASE),
    ]
    found = drives_of_day(BASE, steps, [10, 11, 12, 13, 14, 15])
    assert found.usable == (Drive(BASE, NORTH, 10, 20.0),)
    assert found.doubts == Counter(dict.fromkeys(Doubt, 1))


def drives(minutes_per_km: float, count: int = 60) -> Drives:
    km = great_circle_km(BASE, NORTH)
    return Drives(tuple(Drive(BASE, NORTH, n % 24 + 24, km * minutes_per_km) for n in range(count)))


def test_a_proposal_shows_the_error_before_and_after_and_changes_nothing_else() -> None:
    made = propose("p1", PRACTICE, drives(4.0), [None] * 60, SPAN, NOW)
    assert made.roads is None
    assert made.proposed.road_factor_by_hour == PRACTICE.road_factor_by_hour
    assert made.estimate.drives == 60
    assert made.estimate.after.mean < 0.4 * made.estimate.before.mean
    applied, changed = made.applied(PRACTICE, NOW)
    assert applied.applied_at == NOW
    assert (changed.version, changed.circuity, changed.name) == (2, PRACTICE.circuity, PRACTICE.name)
    assert changed.kmh_by_hour == made.proposed.kmh_by_hour


def test_roads_are_calibrated_apart_from_the_estimate() -> None:
    km = great_circle_km(BASE, NORTH)
    made = propose("p1", PRACTICE, drives(4.0), [round(km * 120)] * 60, SPAN, NOW)
    assert made.roads is not None
    assert made.roads.after.mean < made.roads.before.mean
    factors = made.proposed.road_factor_by_hour
    assert made.proposed.road_overhead_minutes + factors[9] * km * 2 == pytest.approx(km * 4, rel=0.05)


def test_too_few_drives_are_refused() -> None:
    with pytest.raises(Conflict, match="29 drives"):
        propose("p1", PRACTICE, drives(4.0, 29), [None] * 29, SPAN, NOW)


def test_a_proposal_is_applied_once_and_only_to_the_settings_that_it_was_made_against() -> None:
    made = propose("p1", PRACTICE, drives(4.0), [None] * 60, SPAN, NOW)
    applied, changed = made.applied(PRACTICE, NOW)
    with pytest.raises(Conflict, match="applied before"):
        applied.applied(changed, NOW)
    with pytest.raises(Conflict, match="have changed"):
        made.applied(replace(PRACTICE, drive_overhead_minutes=2.0), NOW)


def test_speeds_stay_within_what_the_settings_allow() -> None:
    slow = propose("p1", PRACTICE, drives(19.0), [None] * 60, SPAN, NOW)
    assert min(slow.proposed.kmh_by_hour) >= 5
