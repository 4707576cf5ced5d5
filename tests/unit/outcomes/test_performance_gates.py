"""What must hold before a therapist's own results touch pay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outcomes_svc.performance.gates import Evidence, GatePolicy, gates_of

GOOD = Evidence(followed_up=40, missing=10, total=20.0, n_eff=38.0, reliability=0.6, effect=0.2, practice=0.1, low=-0.5)


def passed(evidence: Evidence, policy: GatePolicy = GatePolicy()) -> dict[str, bool]:  # noqa: B008 - frozen
    return {gate.name: gate.passed for gate in gates_of(evidence, policy)}


def test_all_four_are_named_with_what_was_found_and_needed() -> None:
    found = [(gate.name, gate.value, gate.needed, gate.passed) for gate in gates_of(GOOD, GatePolicy())]
    assert found == [
        ("n_eff", 38.0, 30.0, True),
        ("reliability", 0.6, 0.5, True),
        ("follow_up", 0.8, 0.7, True),
        # (20 - 10 * 0.5) / 50 - 0.1
        ("sign", pytest.approx(0.2), 0.0, True),
    ]


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"n_eff": 29.999}, "n_eff"),
        ({"reliability": 0.499}, "reliability"),
        ({"missing": 18.0, "low": 0.2}, "follow_up"),
        ({"low": -2.0}, "sign"),
    ],
)
def test_each_can_be_missed_alone(changes: dict[str, float], missed: str) -> None:
    assert [name for name, fine in passed(replace(GOOD, **changes)).items() if not fine] == [missed]


def test_exactly_on_the_limit_is_enough() -> None:
    edge = replace(GOOD, n_eff=30.0, reliability=0.5, followed_up=35.0, missing=15.0, low=0.0)
    assert all(passed(edge).values())


def test_a_bad_result_stays_bad_when_the_unseen_did_badly_too() -> None:
    bad = replace(GOOD, total=-8.0, effect=-0.2)
    assert passed(bad)["sign"]


def test_without_an_effect_there_is_no_sign_to_survive() -> None:
    assert not passed(replace(GOOD, effect=0.0))["sign"]


def test_nobody_at_all_passes_nothing() -> None:
    empty = Evidence(followed_up=0, missing=0, total=0.0, n_eff=0.0, reliability=0.0, effect=0.0, practice=0.0, low=0.0)
    assert not any(passed(empty).values())


def test_a_practice_may_ask_for_more() -> None:
    strict = GatePolicy(n_eff=50, reliability=0.7, follow_up=0.9)
    assert [name for name, fine in passed(GOOD, strict).items() if not fine] == ["n_eff", "reliability", "follow_up"]
