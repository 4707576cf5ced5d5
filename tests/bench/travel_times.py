"""Both sources of drive times side by side on real roads: OSRM on the Liechtenstein extract.

The roads are real. Traffic, parking and what therapists told of their drives are made up, for there are no records.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from fascia.testing import backing, roads
from fascia.testing.harness import Harness
from measurement import Result, percentile, show
from scheduling_svc.service import SERVICE
from scheduling_svc.travel.atlases import forget
from scheduling_svc.travel.calibration import Error, error_of
from scheduling_svc.travel.drive import Drive, Drives
from scheduling_svc.travel.great_circle import great_circle_km
from scheduling_svc.travel.osrm import Osrm
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.proposal import propose
from scheduling_svc.travel.road_atlas import RoadAtlas
from scheduling_svc.travel.supplying import Day, DayPlaces, prepared_travel, travel_for
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.practice import Practice

ZONE = "Europe/Vaduz"
SOUTH_WEST, NORTH_EAST = Coordinates(47.05, 9.47), Coordinates(47.27, 9.64)
FARTHEST_OFF_ROAD = 50.0
OWN_DRIVES, OTHER_DRIVES, TOLD_WRONGLY = 600, 2_000, 0.1
PARKING_MINUTES = 2.5
TRAFFIC = (1.0,) * 6 + (1.15, 1.5, 1.55, 1.3) + (1.2,) * 5 + (1.3, 1.45, 1.6, 1.35, 1.15) + (1.05,) * 4
MONDAY = datetime(2027, 1, 18, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Roads:
    """Places beside real roads, and the seconds between all of them."""

    places: list[Coordinates]
    atlas: RoadAtlas

    def seconds(self, drive: Drive) -> int:
        """On free roads."""
        found = self.atlas.memory.leg(drive.origin, drive.destination)
        assert found is not None
        return found


def find_places(url: str, count: int, chance: random.Random) -> Roads:
    """Random places near a road from which all others can be reached."""
    engine = Osrm(url, 30)
    centre = Coordinates(47.1410, 9.5209)
    places: list[Coordinates] = []
    while len(places) < count:
        drawn = [
            Coordinates(
                round(chance.uniform(SOUTH_WEST.latitude, NORTH_EAST.latitude), 5),
                round(chance.uniform(SOUTH_WEST.longitude, NORTH_EAST.longitude), 5),
            )
            for _ in range(200)
        ]
        there, back = engine.table([centre], drawn), engine.table(drawn, [centre])
        places += [
            at
            for at, out, home, metres in zip(drawn, there.seconds[0], back.seconds, there.off_road[1:], strict=True)
            if out is not None and home[0] is not None and metres < FARTHEST_OFF_ROAD
        ]
    atlas = RoadAtlas(engine, 100)
    assert atlas.learn(places[:count], 120) is None
    return Roads(places[:count], atlas)


def drives(known: Roads, count: int, chance: random.Random, wrong: float) -> tuple[Drive, ...]:
    """Made-up drives on real roads in made-up traffic, by day from Monday to Friday."""
    found = []
    while len(found) < count:
        origin, destination = chance.sample(known.places, 2)
        hour = chance.randrange(5) * 24 + chance.randrange(7, 20)
        free = known.atlas.memory.leg(origin, destination)
        if free is None or free < 0 or great_circle_km(origin, destination) > 15:
            continue
        minutes = PARKING_MINUTES + free / 60 * TRAFFIC[hour % 24] * chance.lognormvariate(0, 0.1)
        if chance.random() < wrong:
            minutes *= chance.choice((0.3, 2.5))
        found.append(Drive(origin, destination, hour, minutes))
    return tuple(found)


def said(practice: Practice, drive: Drive) -> float:
    """By the estimate, before it is rounded up."""
    hours = practice.kmh_by_hour
    kmh = hours[drive.hour if len(hours) == 168 else drive.hour % 24]
    return practice.drive_overhead_minutes + drive.km * practice.circuity / kmh * 60


def said_by_road(practice: Practice, drive: Drive, known: Roads) -> float:
    """By the roads, before it is rounded up."""
    factors = practice.road_factor_by_hour
    factor = factors[drive.hour if len(factors) == 168 else drive.hour % 24]
    return practice.road_overhead_minutes + known.seconds(drive) / 60 * factor


def errors(url: str) -> Result:
    """How far off both sources are on drives of places that calibration never saw."""
    chance = random.Random(7)
    own, others = find_places(url, 120, chance), find_places(url, 200, chance)
    told = drives(own, OWN_DRIVES, chance, TOLD_WRONGLY)
    truth = drives(others, OTHER_DRIVES, chance, 0.0)
    default = Practice("Sample Practice", ZONE)
    began = time.perf_counter()
    made = propose("p", default, Drives(told), [own.seconds(drive) for drive in told], _span(), MONDAY)
    took = time.perf_counter() - began
    _, calibrated = made.applied(default, MONDAY)
    table = Result(
        "Drive times: the estimate and the roads, before and after calibration",
        "make bench ARGS='--only travel_times'",
        ("drive times", "mean error", "90th percentile", "bias", "drives told within 20 %"),
    )
    for name, tell in (
        ("estimate, default settings", lambda one: said(default, one)),
        (f"estimate, calibrated by {OWN_DRIVES} own drives", lambda one: said(calibrated, one)),
        ("OSRM as it is", lambda one: said_by_road(default, one, others)),
        ("OSRM, calibrated by the same drives", lambda one: said_by_road(calibrated, one, others)),
    ):
        table.rows.append(_row(name, tell, truth))
    circuity = statistics.median(_road_km(url, truth[:400]))
    mean = statistics.mean(drive.minutes for drive in truth)
    table.notes.append(
        f"Minutes, on {OTHER_DRIVES} drives (mean {mean:.1f} minutes) between 200 places beside real roads of "
        "Liechtenstein which calibration never saw. The roads are real; traffic (up to "
        f"{max(TRAFFIC):g} times the free road), {PARKING_MINUTES:g} minutes of parking and 10 % of spread are made "
        f"up, and {TOLD_WRONGLY:.0%} of the own drives were told wrongly. Fitting both took {took:.1f} s. Median "
        f"circuity measured here: {circuity:.2f}; the settings say {default.circuity:g}, and calibration puts the "
        "difference into the speeds."
    )
    return table


def speed(url: str) -> Result:
    """What drive times cost in time: asked of the engine, stored, remembered, and with the engine away."""
    chance = random.Random(11)
    known = find_places(url, 400, chance)
    table = Result(
        "Drive times: what they cost",
        "make bench ARGS='--only travel_times'",
        ("what", "places", "median ms", "95th percentile ms"),
    )
    for count in (100, 400):
        times = _times(lambda n=count: RoadAtlas(Osrm(url, 5), 100).learn(known.places[:n], 30), 10)
        table.rows.append(_timed("all legs asked of OSRM, in tables of 100 x 100", count, times))
    with backing.database_uri() as uri:
        harness = Harness(SERVICE, uri, {"FASCIA_OSRM_URL": url})
        away = Harness(SERVICE, uri, {"FASCIA_OSRM_URL": "http://127.0.0.1:9"})
        try:
            _set_up(harness)
            _set_up(away)
            table.rows += _through_the_service(harness, known.places)
            table.rows += _without_roads(away, known.places)
        finally:
            harness.close()
            away.close()
    table.rows.append(_by_the_estimate(known.places))
    table.notes.append(
        "Stored in the embedded database. One more visit on a day of 60 places asks for its row and its column alone. "
        "A process that starts reads the stored matrix once; after that a leg is a look-up in memory. With the engine "
        "away the first three answers wait for it, then it is left alone for half a minute."
    )
    return table


def _through_the_service(harness: Harness, places: Sequence[Coordinates]) -> list[tuple[str, ...]]:
    runtime = harness.runtime

    def prepare(day: int, some: Sequence[Coordinates]) -> None:
        uow = runtime.reading("bench")
        wanted = [DayPlaces(Day(MONDAY.date() + timedelta(days=day)), frozenset(some))]
        assert not prepared_travel(uow, workforce.directory(uow), wanted).basis().fell_back

    def read(day: int, some: Sequence[Coordinates]) -> None:
        uow = runtime.reading("bench")
        travel = travel_for(uow, workforce.directory(uow), [Day(MONDAY.date() + timedelta(days=day))]).in_zone(ZONE)
        for origin, destination in pairwise(some):
            travel.minutes(origin, destination, MONDAY)
        assert not travel.basis().fell_back

    base, rows = places[:60], []
    for count in (60, 100):
        cold = []
        for day in range(10):
            forget()
            cold += _times(lambda d=day, n=count: prepare(d + n, places[:n]), 1)
        rows.append(_timed("a region's day prepared: asked and stored", count, cold))
    forget()
    prepare(0, base)
    one_more = [_times(lambda n=n: prepare(0, [*base, places[60 + n]]), 1)[0] for n in range(20)]
    rows.append(_timed("one more place of a prepared day: asked and stored", 61, one_more))
    rows.append(_timed("prepared again in the same process", 60, _times(lambda: prepare(0, base), 20)))
    stored = []
    for _ in range(20):
        forget()
        stored += _times(lambda: read(0, base[:8]), 1)
    rows.append(_timed("a day of 8 visits by the stored matrix, in a process that has just started", 60, stored))
    rows.append(_timed("the same again", 60, _times(lambda: read(0, base[:8]), 50)))
    return rows


def _without_roads(harness: Harness, places: Sequence[Coordinates]) -> list[tuple[str, ...]]:
    forget()
    times = []
    for day in range(20):
        uow = harness.runtime.reading("bench")
        wanted = [DayPlaces(Day(MONDAY.date() + timedelta(days=day)), frozenset(places[:60]))]
        began = time.perf_counter()
        travel = prepared_travel(uow, workforce.directory(uow), wanted)
        times.append(time.perf_counter() - began)
        travel.in_zone(ZONE).seconds(places[:2], MONDAY)
        assert travel.basis().fell_back
    return [_timed("nothing known and the engine away: what the attempt costs", 60, times)]


def _by_the_estimate(places: Sequence[Coordinates]) -> tuple[str, ...]:
    travel = PracticeTravel(Practice("Sample Practice", ZONE)).in_zone(ZONE)
    times = _times(lambda: travel.seconds(places[:100], MONDAY), 20)
    return _timed("all legs by the estimate", 100, times)


def _set_up(harness: Harness) -> None:
    desk = harness.as_("admin", "bench")
    answer = desk.put("/v1/practice", {"name": "Sample Practice", "time_zone": ZONE})
    assert answer.status_code == 200, answer.json


def _times(work: Callable[[], object], runs: int) -> list[float]:
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return found


def _timed(name: str, places: int, seconds: Sequence[float]) -> tuple[str, ...]:
    ms = [1_000 * value for value in seconds]
    return name, str(places), f"{statistics.median(ms):.2f}", f"{percentile(ms, 0.95):.2f}"


def _row(name: str, tell: Callable[[Drive], float], truth: Sequence[Drive]) -> tuple[str, ...]:
    pairs = [(tell(drive), drive.minutes) for drive in truth]
    error: Error = error_of(pairs)
    within = sum(abs(told - took) <= 0.2 * took for told, took in pairs) / len(pairs)
    return name, f"{error.mean:.2f}", f"{error.p90:.2f}", f"{error.bias:+.2f}", f"{within:.0%}"


def _road_km(url: str, some: Sequence[Drive]) -> list[float]:
    """Road by great circle, of drives; the table service tells distances, too, and the product has no use for them."""
    engine = Osrm(url, 30)
    ratios = []
    for drive in some:
        ends = ";".join(f"{at.longitude},{at.latitude}" for at in (drive.origin, drive.destination))
        answer = engine._get(f"/table/v1/driving/{ends}?annotations=distance&sources=0&destinations=1")
        ratios.append(answer["distances"][0][0] / 1_000 / drive.km)
    return ratios


def _span() -> tuple[date, date]:
    day = MONDAY.astimezone(ZoneInfo(ZONE)).date()
    return day - timedelta(days=90), day


def main() -> None:
    """Both tables, where there are roads."""
    with roads.osrm_url() as url:
        if url is None:
            print(
                "travel_times: NO ROADS: neither $OSRM_URL nor the osrm tool of ../shared/tools is here; not measured"
            )
            show([])
            return
        show([errors(url), speed(url)])


if __name__ == "__main__":
    main()
