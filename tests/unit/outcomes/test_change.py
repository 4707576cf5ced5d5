"""Change since baseline: positive is better, judged by what the instrument's sources call important."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.scoring.change import Change, Judgement, judge
from outcomes_svc.scoring.scale import Scored, score, shown


def scored(id_: str, *answers: int | None) -> Scored:
    instrument = shipped().current(id_)
    assert instrument is not None
    codes = [item.code for item in instrument.items]
    result = score(instrument, dict(zip(codes, answers, strict=False)))
    assert isinstance(result, Scored)
    return result


def judged(change: Change) -> tuple[str, float | None]:
    return change.judgement.value, None if change.value is None else shown(change.value)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (7, 5, ("improved", 2.0)),
        (8, 7, ("unchanged", 1.0)),
        (3, 2, ("improved", 1.0)),  # a third of the baseline
        (4, 3, ("unchanged", 1.0)),  # a quarter
        (7, 7, ("unchanged", 0.0)),
        (7, 8, ("unchanged", -1.0)),
        (3, 4, ("unchanged", -1.0)),  # shares are not mirrored
        (7, 9, ("worse", -2.0)),
        (0, 0, ("unchanged", 0.0)),
        (0, 2, ("worse", -2.0)),
    ],
)
def test_pain_rating_by_2_points_or_30_percent(before: int, after: int, expected: tuple[str, float]) -> None:
    assert judged(judge(scored("NPRS", before), scored("NPRS", after))) == expected


def test_thirty_percent_is_exact() -> None:
    """3 of 10 is 30 %; as floats 0.3 * 10 and its like may fall on either side."""
    nprs = shipped().current("NPRS")
    assert nprs is not None
    only_share = replace(nprs, mic=replace(nprs.mic, absolute=100))  # type: ignore[arg-type]
    change = judge(
        replace(scored("NPRS", 10), instrument=only_share), replace(scored("NPRS", 7), instrument=only_share)
    )
    assert change.judgement is Judgement.IMPROVED


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((7, 8, 8), (6, 6, 6), ("unchanged", 1.67)),
        ((7, 8, 8), (6, 6, 5), ("improved", 2.0)),
        ((2, 2, 2), (4, 4, 4), ("worse", -2.0)),
    ],
)
def test_peg_by_its_points(before: tuple[int, ...], after: tuple[int, ...], expected: tuple[str, float]) -> None:
    assert judged(judge(scored("PEG", *before), scored("PEG", *after))) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected", "items"),
    [
        ((2, 3), (5, 6), ("improved", 3.0), 2),
        ((2, 3), (4, 5), ("unchanged", 2.0), 2),
        ((2, 3, None), (5, None, 9), ("improved", 3.0), 1),  # one activity in common needs 3 points
        ((2, 9), (4, None), ("unchanged", 2.0), 1),
        ((8, 8), (5, 5), ("worse", -3.0), 2),
        ((2, None), (None, 9), ("not_comparable", None), 0),
    ],
)
def test_only_activities_rated_both_times_are_compared(
    before: tuple[int | None, ...], after: tuple[int | None, ...], expected: tuple[str, float | None], items: int
) -> None:
    change = judge(scored("PSFS", *before), scored("PSFS", *after))
    assert judged(change) == expected
    assert len(change.items) == items


def test_versions_are_different_measures() -> None:
    before = scored("NPRS", 7)
    older = replace(before, instrument=replace(before.instrument, version="0"))
    assert judge(older, scored("NPRS", 3)) == Change(Judgement.NOT_COMPARABLE)


def test_more_change_is_never_judged_worse() -> None:
    order = [Judgement.WORSE, Judgement.UNCHANGED, Judgement.IMPROVED]
    for before in range(11):
        verdicts = [order.index(judge(scored("NPRS", before), scored("NPRS", after)).judgement) for after in range(11)]
        assert verdicts == sorted(verdicts, reverse=True)
    for before_pair in itertools.product(range(0, 11, 5), repeat=2):
        verdicts = [
            order.index(judge(scored("PSFS", *before_pair), scored("PSFS", after, after)).judgement)
            for after in range(11)
        ]
        assert verdicts == sorted(verdicts)
