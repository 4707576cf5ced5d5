"""The client and the estimate on real roads: OSRM on the Liechtenstein extract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from fascia.testing import roads
from scheduling_svc.travel.estimate import EstimatedTravel
from scheduling_svc.travel.osrm import Osrm
from scheduling_svc.travel.road_atlas import RoadAtlas
from scheduling_svc.travel.travel import Because
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.practice import DEFAULT_CIRCUITY, DEFAULT_KMH_BY_HOUR

VADUZ, SCHAAN, BALZERS = Coordinates(47.1410, 9.5209), Coordinates(47.1650, 9.5087), Coordinates(47.0660, 9.5030)
MALBUN, NENDELN, RUGGELL = Coordinates(47.1020, 9.6090), Coordinates(47.2000, 9.5450), Coordinates(47.2400, 9.5270)
TOWNS = [VADUZ, SCHAAN, BALZERS, MALBUN, NENDELN, RUGGELL]
BOSTON = Coordinates(42.3601, -71.0589)
MIDDAY = datetime(2027, 1, 18, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with roads.osrm_url() as found:
        if found is None:
            pytest.skip(
                "NO ROADS: neither $OSRM_URL nor the osrm tool of ../shared/tools is here; drive times untested"
            )
        yield found


def test_towns_are_as_far_apart_as_they_are(url: str) -> None:
    table = Osrm(url, 5).table(TOWNS, TOWNS)
    minutes = [[round(seconds / 60) for seconds in row if seconds is not None] for row in table.seconds]
    assert [len(row) for row in minutes] == [6] * 6
    assert 3 <= minutes[0][1] <= 8, "Vaduz to Schaan"
    assert 15 <= minutes[2][5] <= 35, "the length of the country"
    assert minutes[0][3] > 1.3 * minutes[0][4], "up the mountain takes longer than along the valley"
    assert max(table.off_road) < 500


def test_blocks_of_any_size_tell_the_same(url: str) -> None:
    whole, small = RoadAtlas(Osrm(url, 5), 100), RoadAtlas(Osrm(url, 5), 2)
    assert whole.learn(TOWNS, 10) is None
    assert small.learn(TOWNS, 10) is None
    for origin in TOWNS:
        for destination in TOWNS:
            if origin != destination:
                assert whole.memory.leg(origin, destination) == small.memory.leg(origin, destination)


def test_a_place_off_the_map_is_unreachable(url: str) -> None:
    atlas = RoadAtlas(Osrm(url, 5), 100)
    assert atlas.learn([*TOWNS, BOSTON], 10) is None
    assert atlas.memory.is_unreachable(BOSTON)
    assert not any(atlas.memory.is_unreachable(town) for town in TOWNS)


def test_the_estimate_is_of_the_right_size(url: str) -> None:
    """Real roads differ from it drive by drive; over many it must neither double nor halve them."""
    estimate = EstimatedTravel(DEFAULT_CIRCUITY, tuple(map(float, DEFAULT_KMH_BY_HOUR)), ZoneInfo("Europe/Vaduz"))
    table = Osrm(url, 5).table(TOWNS, TOWNS)
    ratios = [
        60 * estimate.minutes(a, b, MIDDAY) / seconds
        for a, row in zip(TOWNS, table.seconds, strict=True)
        for b, seconds in zip(TOWNS, row, strict=True)
        if a != b and seconds
    ]
    assert 0.7 < median(ratios) < 1.6


def test_more_than_the_server_allows_is_silence_and_not_an_error(url: str) -> None:
    many = [Coordinates(47.1 + n / 10_000, 9.52) for n in range(1_001)]
    assert RoadAtlas(Osrm(url, 5), 2_000).learn(many, 10) is Because.AWAY
