"""Charts: the same figures give the same bytes, words stand beside them, and they load late."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from xml.etree import ElementTree

from matplotlib.image import imread

from outcomes_svc.results.breakdown import By
from outcomes_svc.results.charts.canvas import png, svg
from outcomes_svc.results.charts.course_chart import Course, course_chart
from outcomes_svc.results.charts.funnel_chart import funnel_chart
from outcomes_svc.results.charts.group_chart import Row, group_chart
from outcomes_svc.results.control_limits import Overdispersion, binomial_limits
from outcomes_svc.results.figure import share
from outcomes_svc.results.funnel import Funnel, Measure, Point, Position
from outcomes_svc.results.plain_words import CourseWords

_WORDS = CourseWords(title="Your pain", subtitle="s", better="Lower is better", important="clear", axis="Score")


def _funnel() -> Funnel:
    limits = binomial_limits(40, 0.5)
    points = [
        Point(number=n, group=f"t-{n}", own=n == 2, episodes=20.0 * n, of=50, followed_up=20 * n, value=value,
              position=position, limits=limits)
        for n, (value, position) in enumerate([(0.5, Position.WITHIN), (0.9, Position.FAR_ABOVE)], 1)
    ]  # fmt: skip
    curve = tuple(binomial_limits(n, 0.5) for n in range(12, 50, 4))
    tested = Overdispersion(2, None, None, None, widened=False)
    return Funnel(by=By.THERAPIST, measure=Measure.IMPROVED, target=0.5, spread=None, points=tuple(points), hidden=0,
                  curve=curve, overdispersion=tested, case_mix=None)  # fmt: skip


def _drawn(_: int = 0) -> bytes:
    return svg(funnel_chart(_funnel(), "Improved", "subtitle"), "Improved", 'two < three & "four"')


def test_the_same_figures_give_the_same_bytes_in_any_thread() -> None:
    with ThreadPoolExecutor(4) as workers:
        assert len(set(workers.map(_drawn, range(6)))) == 1
    text = _drawn().decode()
    assert "<dc:date>" not in text


def test_a_screen_reader_is_told_what_can_be_seen() -> None:
    root = ElementTree.fromstring(_drawn())
    assert root.get("role") == "img"
    assert [(child.tag.split("}")[1], child.text) for child in root[:2]] == [
        ("title", "Improved"),
        ("desc", 'two < three & "four"'),
    ]


def test_letters_fit_a_phone() -> None:
    """As wide as a phone shows it (346 CSS pixels), so that no letter shrinks below its 8 points."""
    assert float((ElementTree.fromstring(_drawn()).get("width") or "").removesuffix("pt")) < 360


def test_a_group_that_is_not_shown_leaves_no_mark() -> None:
    known = share([True] * 12 + [False] * 8, 25)
    shown = svg(group_chart([Row("M54", known), Row("G43", None)], "t", "s", whole=known), "t", "d")
    hidden = svg(group_chart([Row("M54", None), Row("G43", None)], "t", "s", whole=known), "t", "d")
    blue = b"#0b5f8a"
    assert (blue in shown, blue in hidden) == (True, False)


def test_a_chart_becomes_a_png_of_960_pixels() -> None:
    import io

    one_day = Course(days=[date(2027, 1, 4)], values=[4.0], lowest=0, highest=10, lower_is_better=True, important=None)
    image = imread(io.BytesIO(png(course_chart(one_day, _WORDS, str))))
    assert image.shape[1] == 960


def test_the_service_starts_without_loading_what_draws() -> None:
    code = "import sys, outcomes_svc.service; print('matplotlib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False"]
