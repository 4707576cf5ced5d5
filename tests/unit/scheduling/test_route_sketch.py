"""The map of a day: everything inside the box, in its true direction, and every number readable."""

from __future__ import annotations

from itertools import combinations
from math import hypot

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling_svc.routes.sketch import HEIGHT, WIDTH, Place, draw
from scheduling_svc.workforce.place import Coordinates

HOME = Place("home", "", Coordinates(42.36, -71.06))


def place(number: int, north: float, east: float) -> Place:
    return Place(f"v{number}", str(number), Coordinates(42.36 + north, -71.06 + east))


def test_north_is_up_and_east_is_right() -> None:
    sketch = draw([[HOME, place(1, 0.05, 0.0), place(2, 0.0, 0.05), HOME]], miles=True)
    assert sketch is not None
    marks = {mark.place.key: mark for mark in sketch.marks}
    assert marks["v1"].y < marks["home"].y
    assert marks["v2"].x > marks["home"].x
    assert marks["v1"].x == marks["home"].x
    assert len(sketch.legs) == 3
    assert sketch.scale.text.endswith(" mi")
    # A degree of longitude is shorter than one of latitude: 0.05 east is drawn shorter than 0.05 north.
    assert marks["v2"].x - marks["home"].x == pytest.approx(0.739 * (marks["home"].y - marks["v1"].y), rel=0.01)


def test_two_patients_in_one_house_both_have_a_readable_number() -> None:
    sketch = draw([[HOME, place(1, 0.05, 0.02), place(2, 0.05, 0.02), HOME]], miles=False)
    assert sketch is not None
    one, two = (mark for mark in sketch.marks if mark.place.label)
    assert (one.x, one.y) == (two.x, two.y)
    assert hypot(one.label_x - two.label_x, one.label_y - two.label_y) >= 24
    assert one.moved
    assert two.moved


def test_a_day_in_one_house_is_not_magnified_without_end() -> None:
    sketch = draw([[HOME, Place("v1", "1", HOME.at), HOME]], miles=False)
    assert sketch is not None
    assert sketch.legs == ()
    assert sketch.scale.text in ("0.1 km", "0.25 km", "0.5 km")


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw([], miles=True) is None


spots = st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))


# Without a deadline: a busy machine is no counterexample.
@settings(deadline=None)
@given(st.lists(spots, min_size=1, max_size=12))
def test_everything_is_inside_and_numbers_do_not_cover_each_other(found: list[tuple[float, float]]) -> None:
    run = [HOME, *(place(number, *spot) for number, spot in enumerate(found, 1)), HOME]
    sketch = draw([run], miles=True)
    assert sketch is not None
    for mark in sketch.marks:
        assert 0 <= mark.x <= WIDTH
        assert 0 <= mark.y <= HEIGHT
        assert 12 <= mark.label_x <= WIDTH - 12
        assert 12 <= mark.label_y <= HEIGHT - 12
    for a, b in combinations(sketch.marks, 2):
        assert hypot(a.label_x - b.label_x, a.label_y - b.label_y) > 18
    assert 0 < sketch.scale.pixels <= WIDTH / 3 + 1
