"""Drive times by the roads: memory, tables in blocks, islands, silence, and what is said of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fascia.settings import SettingsError
from scheduling_svc.settings import SchedulingSettings
from scheduling_svc.travel.breaker import Breaker
from scheduling_svc.travel.estimate import EstimatedTravel
from scheduling_svc.travel.osrm import PlaceOffRoad, RoadsSilent, Table
from scheduling_svc.travel.road_atlas import RoadAtlas
from scheduling_svc.travel.road_memory import NO_ROAD, RoadMemory
from scheduling_svc.travel.road_travel import RoadTravel
from scheduling_svc.travel.stored_matrix import MOST_PLACES, StoredMatrix
from scheduling_svc.travel.travel import UNREACHABLE_MINUTES, Basis, Because, Source
from scheduling_svc.workforce.place import Coordinates

NOON = datetime(2027, 1, 18, 17, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
ESTIMATE = EstimatedTravel(1.3, (30.0,) * 24, ZONE)
PLACES = [Coordinates(47.1 + n / 100, 9.5) for n in range(5)]
ISLAND, AT_SEA = Coordinates(47.5, 9.9), Coordinates(0, 0)


class Town:
    """An engine for which a hundredth of a degree takes a hundred seconds."""

    def __init__(self, islands: Sequence[Coordinates] = (), off_road: Sequence[Coordinates] = ()) -> None:
        self.islands, self.off_road = set(islands), set(off_road)
        self.silence: RoadsSilent | None = None
        self.refuses_off_road = False
        self.asked: list[tuple[int, int]] = []
        self.now = 0.0

    def table(self, origins: Sequence[Coordinates], destinations: Sequence[Coordinates]) -> Table:
        self.asked.append((len(origins), len(destinations)))
        self.now += 0.01
        if self.silence is not None:
            raise self.silence
        points = [*origins, *destinations]
        lost = [index for index, at in enumerate(points) if at in self.off_road]
        if lost and self.refuses_off_road:
            raise PlaceOffRoad(lost[0])
        rows = tuple(tuple(self._leg(a, b) for b in destinations) for a in origins)
        return Table(rows, tuple(9_999.0 if at in self.off_road else 5.0 for at in points))

    def _leg(self, a: Coordinates, b: Coordinates) -> float | None:
        if a != b and self.islands & {a, b}:
            return None
        return round(abs(a.latitude - b.latitude) * 10_000)

    def clock(self) -> float:
        return self.now


def atlas(town: Town, size: int = 100) -> RoadAtlas:
    return RoadAtlas(town, size, town.clock)


class Roads:
    """What an atlas knows, without a store behind it."""

    def __init__(self, of: RoadAtlas, silence: Because = Because.NOT_STORED) -> None:
        self._memory, self.silence = of.memory, silence

    def leg(self, origin: Coordinates, destination: Coordinates) -> int | None:
        return self._memory.leg(origin, destination)

    def is_unreachable(self, place: Coordinates) -> bool:
        return self._memory.is_unreachable(place)


def test_a_leg_is_asked_once() -> None:
    town = Town()
    known = atlas(town)
    assert known.learn(PLACES, 1) is None
    assert known.learn(PLACES, 1) is None
    assert town.asked == [(5, 5)]
    assert known.memory.leg(PLACES[0], PLACES[3]) == 300


def test_one_more_place_costs_its_row_and_its_column() -> None:
    town = Town()
    known = atlas(town)
    known.learn(PLACES[:4], 1)
    known.learn(PLACES, 1)
    assert town.asked == [(4, 4), (1, 5), (4, 1)]
    assert known.memory.incomplete(PLACES) == []


@pytest.mark.parametrize("size", [1, 2, 3])
def test_tables_are_no_larger_than_the_engine_allows(size: int) -> None:
    town = Town()
    known = atlas(town, size)
    assert known.learn(PLACES, 1) is None
    assert known.memory.incomplete(PLACES) == []
    assert max(max(asked) for asked in town.asked) <= size


def test_a_place_on_an_island_is_unreachable_and_the_others_are_not() -> None:
    known = atlas(Town(islands=[ISLAND]))
    known.learn([*PLACES, ISLAND], 1)
    travel = RoadTravel(Roads(known), ESTIMATE)
    assert not travel.reaches(ISLAND)
    assert all(travel.reaches(place) for place in PLACES)
    assert travel.minutes(PLACES[0], PLACES[1], NOON) == 2


def test_two_places_that_do_not_meet_are_estimated_and_it_is_said() -> None:
    """Which of the two is the island, nobody can tell."""
    known = atlas(Town(islands=[ISLAND]))
    known.learn([PLACES[0], ISLAND], 1)
    travel = RoadTravel(Roads(known), ESTIMATE)
    assert travel.minutes(PLACES[0], ISLAND, NOON) == ESTIMATE.minutes(PLACES[0], ISLAND, NOON)
    assert travel.basis() == Basis(Source.ESTIMATE, 1, (Because.NO_ROAD,))
    assert known.memory.leg(PLACES[0], ISLAND) == NO_ROAD
    assert known.memory.incomplete([PLACES[0], ISLAND]) == []


@pytest.mark.parametrize("refuses", [False, True])
def test_a_place_far_from_every_road_is_unreachable(refuses: bool) -> None:
    town = Town(off_road=[AT_SEA])
    town.refuses_off_road = refuses
    known = atlas(town)
    assert known.learn([*PLACES, AT_SEA], 1) is None
    travel = RoadTravel(Roads(known), ESTIMATE)
    assert not travel.reaches(AT_SEA)
    assert known.memory.incomplete([*PLACES, AT_SEA]) == []
    assert travel.minutes(PLACES[0], AT_SEA, NOON) == UNREACHABLE_MINUTES


def test_silence_is_told_and_the_engine_gets_a_rest() -> None:
    town = Town()
    known = atlas(town)
    town.silence = RoadsSilent(Because.SLOW, "no answer within 1 s")
    assert [known.learn(PLACES, 1) for _ in range(3)] == [Because.SLOW] * 3
    assert known.learn(PLACES, 1) is Because.AWAY
    assert len(town.asked) == 3
    town.silence = None
    town.now += 31
    assert known.learn(PLACES, 1) is None
    assert not known.breaker.is_open


def test_patience_ends_between_two_tables() -> None:
    town = Town()
    assert atlas(town, 1).learn(PLACES, 0.055) is Because.SLOW
    assert len(town.asked) == 6


def test_during_the_rest_one_may_try() -> None:
    breaker = Breaker(failures=1, rest_seconds=10)
    breaker.failed(0)
    assert not breaker.lets_through(9)
    assert breaker.lets_through(10)
    assert not breaker.lets_through(11)
    breaker.succeeded()
    assert breaker.lets_through(11)


def test_what_the_roads_did_not_tell_is_estimated_pair_by_pair() -> None:
    known = atlas(Town())
    known.learn(PLACES[:2], 1)
    travel = RoadTravel(Roads(known, Because.AWAY), ESTIMATE)
    assert travel.minutes(PLACES[0], PLACES[1], NOON) == 2
    assert travel.basis() == Basis(Source.ROADS)
    assert travel.minutes(PLACES[0], PLACES[2], NOON) == ESTIMATE.minutes(PLACES[0], PLACES[2], NOON)
    assert travel.basis() == Basis(Source.MIXED, 1, (Because.AWAY,))


def test_the_matrix_says_what_single_drives_say() -> None:
    known = atlas(Town())
    known.learn(PLACES[:3], 1)
    factors = tuple(1 + hour / 10 for hour in range(24))
    for travel in (RoadTravel(Roads(known), ESTIMATE, factors, 2.5), ESTIMATE):
        matrix = travel.seconds(PLACES, NOON)
        assert matrix == tuple(tuple(60 * travel.minutes(a, b, NOON) for b in PLACES) for a in PLACES)


def test_traffic_and_parking_lengthen_the_free_road() -> None:
    known = atlas(Town())
    known.learn(PLACES, 1)
    rush = tuple(1.5 if hour == 12 else 1.0 for hour in range(24))
    travel = RoadTravel(Roads(known), ESTIMATE, rush, 2)
    assert travel.minutes(PLACES[0], PLACES[4], NOON) == 12
    assert travel.minutes(PLACES[0], PLACES[0], NOON) == 0
    closes = NOON.replace(hour=22)
    assert travel.slowest(NOON.replace(hour=13, minute=30), closes).astimezone(ZONE).hour == 12
    assert travel.slowest(NOON.replace(hour=18), closes) == NOON.replace(hour=18)


def test_hours_of_the_week_tell_monday_from_sunday() -> None:
    week = tuple(20.0 if hour < 24 else 40.0 for hour in range(168))
    travel = EstimatedTravel(1.0, week, ZONE, overhead=3)
    monday, sunday = NOON, NOON.replace(day=17)
    a, b = Coordinates(0, 0), Coordinates(0, 0.0899)
    assert (travel.minutes(a, b, monday), travel.minutes(a, b, sunday)) == (33, 18)
    assert travel.slowest(sunday.replace(hour=23), monday.replace(hour=8)) == monday.replace(hour=5)


def test_memory_lets_go_of_what_was_not_used_for_longest() -> None:
    memory = RoadMemory(most_legs=6)
    a, b, c, d = PLACES[:4]
    memory.learn([(a, b, 1), (a, c, 1), (b, a, 1), (b, c, 1), (c, a, 1), (c, b, 1)])
    memory.learn([(a, d, 1)])
    assert memory.leg(b, a) is None
    assert (memory.leg(a, b), memory.leg(a, d), len(memory)) == (1, 1, 5)


def test_a_stored_matrix_keeps_what_it_had_and_drops_the_oldest() -> None:
    legs = {("a", "b"): 7, ("b", "a"): NO_ROAD}
    first = StoredMatrix("id").with_places(["a", "b"], lambda a, b: legs.get((a, b)), frozenset("b"), NOON)
    assert first.with_places(["b"], lambda a, b: None, frozenset("b"), NOON) is first
    second = first.with_places(["b", "c"], lambda a, b: 9 if a != b else 0, frozenset(), NOON)
    rows = {name: second.row(name) for name in "abc"}
    a, b, c = (row for row in rows.values() if row is not None)
    assert (second.cell(a, b), second.cell(b, a), second.cell(a, c), second.cell(c, b)) == (7, NO_ROAD, None, 9)
    assert second.unreachable == frozenset(), "by now a road leads there"
    names = [f"place-{n}" for n in range(MOST_PLACES)]
    full = second.with_places(names[:-2], lambda a, b: 1, frozenset(), NOON)
    assert (full.row("a") is None, full.row("c") is not None, len(full.places)) == (True, True, MOST_PLACES)


def test_a_stored_matrix_is_asked_again_after_two_weeks() -> None:
    old = StoredMatrix("id").with_places(["a", "b"], lambda a, b: 7, frozenset(), NOON)
    later = NOON + timedelta(days=15)
    assert (old.is_fresh(NOON), old.is_fresh(later)) == (True, False)
    assert old.with_places(["a", "b"], lambda a, b: 7, frozenset(), NOON) is old
    again = old.with_places(["a", "b"], lambda a, b: 7, frozenset(), later)
    assert again.is_fresh(later)
    changed = again.with_places(["a", "b"], lambda a, b: 8, frozenset(), later)
    assert changed.cell(0, 1) == 8


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_known_already_every_leg_is_known_afterwards(seed: int) -> None:
    chance = random.Random(seed)
    known = atlas(Town(), chance.choice((1, 2, 3, 100)))
    places = [Coordinates(47 + n / 100, 9.5) for n in range(8)]
    pairs = [(a, b) for a in places for b in places if a != b]
    known.memory.learn((a, b, 7) for a, b in chance.sample(pairs, chance.randrange(len(pairs) + 1)))
    assert known.learn(places, 10) is None
    assert all(known.memory.leg(a, b) is not None for a, b in pairs)
    assert known.memory.incomplete(places) == []


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"osrm_url": "localhost:5000"}, "FASCIA_OSRM_URL"),
        ({"osrm_url": "http://"}, "FASCIA_OSRM_URL"),
        ({"osrm_url": "http://[::1"}, "FASCIA_OSRM_URL"),
        ({"osrm_url": "http://127.0.0.1:port"}, "FASCIA_OSRM_URL"),
        ({"osrm_timeout_seconds": 0.0}, "FASCIA_OSRM_TIMEOUT_SECONDS"),
        ({"osrm_table_size": 0}, "FASCIA_OSRM_TABLE_SIZE"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(variables: dict[str, Any], told: str) -> None:
    needed = {"mongodb_uri": "mongodb://127.0.0.1", "kafka_bootstrap": "127.0.0.1:9", "keyring_file": "keyring.json"}
    SchedulingSettings(**needed, osrm_url="https://roads.example.org/osrm")
    with pytest.raises(SettingsError, match=told):
        SchedulingSettings(**needed, **variables)


def test_memory_lasts_a_day() -> None:
    town = Town()
    known = atlas(town)
    known.learn(PLACES, 1)
    town.now += 23 * 3600
    known.renew()
    assert len(known.memory) > 0
    town.now += 2 * 3600
    known.renew()
    assert len(known.memory) == 0


def test_the_slowest_hour_is_a_local_one() -> None:
    """In India the hours begin at half past those of UTC."""
    hours = tuple(10.0 if hour == 17 else 40.0 for hour in range(24))
    travel = EstimatedTravel(1.3, hours, ZoneInfo("Asia/Kolkata"))
    opens, closes = datetime(2027, 1, 18, 3, 30, tzinfo=UTC), datetime(2027, 1, 18, 11, 40, tzinfo=UTC)
    assert travel.slowest(opens, closes) == datetime(2027, 1, 18, 11, 30, tzinfo=UTC)
