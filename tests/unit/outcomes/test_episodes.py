"""Which sessions belong together follows from the sessions, not from the order in which they became known."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fascia.problem import RuleViolation
from fascia.web.principal import Principal, Role
from outcomes_svc.episodes.episode import CloseReason, Episode, EpisodeState, Plan, Primary, plan
from outcomes_svc.episodes.treated_session import TreatedSession, condition_of
from outcomes_svc.episodes.visibility import needs_own_patient

DAY_0 = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)


def session(day: float, *codes: str, id_: str | None = None, episode_id: str | None = None) -> TreatedSession:
    at = DAY_0 + timedelta(days=day)
    return TreatedSession(
        id=id_ or f"s-{day:05.1f}",
        version=1,
        patient_id="p-1",
        therapist_id="t-1",
        appointment_id="a-1",
        claim_id=None,
        location_id=None,
        setting="clinic",
        service_type="massage-60",
        condition_codes=codes or ("M54.59",),
        started_at=at - timedelta(hours=1),
        ended_at=at,
        signed_at=at,
        treated_minutes=50,
        measures=(),
        episode_id=episode_id,
    )


def choose(codes: Sequence[str]) -> Primary:
    return Primary(f"for {','.join(codes)}", "1", stand_in=False)


def planned(sessions: Sequence[TreatedSession], known: Sequence[Episode] = (), day: float = 0) -> Plan:
    now = DAY_0 + timedelta(days=day)
    return plan(sessions, known, choose=choose, name=lambda first: f"e of {first.id}", now=now)


def shape(made: Plan) -> list[tuple[str, int, str]]:
    return sorted(
        (e.first_session_id, e.sessions, e.condition) for e in made.episodes if e.state is not EpisodeState.VOID
    )


@pytest.mark.parametrize(
    ("days", "groups"),
    [
        ((0, 59), 1),
        ((0, 60), 2),
        ((0, 59, 118), 1),
        ((0, 30, 60, 90, 120, 150, 179), 1),
        ((0, 30, 60, 90, 120, 150, 180), 2),
    ],
)
def test_60_days_without_a_session_or_180_days_end_an_episode(days: Sequence[float], groups: int) -> None:
    assert len(planned([session(day) for day in days]).episodes) == groups


def test_conditions_are_told_apart_by_their_category() -> None:
    made = planned([session(0, "M54.59"), session(1, "M54.2"), session(2, "g56.01"), session(3)])
    assert shape(made) == [("s-000.0", 3, "M54"), ("s-002.0", 1, "G56")]
    assert condition_of([]) == "unspecified"


def test_the_state_follows_the_clock() -> None:
    open_, closed = planned([session(0)], day=59), planned([session(0)], day=60)
    assert open_.episodes[0].state is EpisodeState.OPEN
    assert (closed.episodes[0].state, closed.episodes[0].close_reason) == (
        EpisodeState.CLOSED,
        CloseReason.NO_VISIT_60_DAYS,
    )
    long = planned([session(day) for day in range(0, 180, 30)], day=180).episodes[0]
    assert long.close_reason is CloseReason.AFTER_180_DAYS


@pytest.mark.parametrize("order", list(itertools.permutations((0, 50, 100, 170, 10))))
def test_every_order_of_arrival_ends_in_the_same_episodes(order: tuple[int, ...]) -> None:
    sessions: list[TreatedSession] = []
    episodes: tuple[Episode, ...] = ()
    for day in order:
        sessions.append(session(day))
        made = plan(sessions, episodes, choose=choose, name=lambda first: f"e of {first.id}", now=DAY_0)
        episodes = made.episodes
        sessions = [replace(known, episode_id=made.episode_of[known.id]) for known in sessions]
    assert shape(made) == [("s-000.0", 4, "M54"), ("s-170.0", 1, "M54")]
    alive = {episode.id for episode in episodes if episode.state is not EpisodeState.VOID}
    assert set(made.episode_of.values()) == alive == {"e of s-000.0", "e of s-170.0"}


def test_a_late_session_that_bridges_two_episodes_joins_them_under_the_older_id() -> None:
    first, second = session(0, episode_id="e-1"), session(100, episode_id="e-2")
    known = [replace(e, id=f"e-{n}", version=1) for n, e in enumerate(planned([first, second]).episodes, 1)]
    made = planned([first, second, session(50)], known)
    assert {e.id: (e.state, e.sessions) for e in made.episodes} == {
        "e-1": (EpisodeState.OPEN, 3),
        "e-2": (EpisodeState.VOID, 0),
    }
    assert set(made.episode_of.values()) == {"e-1"}


def test_the_primary_instrument_stays_locked() -> None:
    first = session(0, "M54.59", episode_id="e-1")
    known = replace(planned([first]).episodes[0], id="e-1", primary=Primary("locked", "7", stand_in=False))
    made = planned([first, session(1, "M54.2")], [known])
    assert [episode.primary.instrument for episode in made.episodes] == ["locked"]
    from_before = replace(known, reason_code=None)
    assert [each.primary.instrument for each in planned([first], [from_before]).episodes] == ["locked"]


def test_a_corrected_diagnosis_ends_in_the_same_choice_whether_it_comes_first_or_later() -> None:
    wrong, corrected = session(0, "M54.59", id_="s-1"), session(0, "G56.01", id_="s-1")
    in_order = planned([corrected], planned([wrong]).episodes)
    assert [e.primary for e in in_order.episodes] == [e.primary for e in planned([corrected]).episodes]
    assert [e.id for e in in_order.episodes] == [e.id for e in planned([corrected]).episodes]


def test_who_needs_to_name_a_patient() -> None:
    def who(*roles: Role) -> Principal:
        return Principal("t-1", "demo", frozenset(roles))

    assert not needs_own_patient(who(Role.OWNER), None)
    assert not needs_own_patient(who(Role.THERAPIST, Role.ADMIN), None)
    assert needs_own_patient(who(Role.THERAPIST), "p-1")
    with pytest.raises(RuleViolation):
        needs_own_patient(who(Role.THERAPIST), None)
