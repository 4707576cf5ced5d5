"""A discharge ends an episode until the patient comes back; nobody cuts a course of treatment in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fascia.problem import Conflict
from outcomes_svc.episodes.episode import CloseReason, DischargeReason, Episode, EpisodeState, Plan, Primary, plan
from outcomes_svc.episodes.treated_session import TreatedSession

DAY_0 = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)


def at(day: float) -> datetime:
    return DAY_0 + timedelta(days=day)


def session(day: float) -> TreatedSession:
    return TreatedSession(
        id=f"s-{day}",
        version=1,
        patient_id="p-1",
        therapist_id="t-1",
        appointment_id=f"a-{day}",
        claim_id=None,
        location_id=None,
        setting="clinic",
        service_type="massage-60",
        condition_codes=("M54.59",),
        started_at=at(day) - timedelta(hours=1),
        ended_at=at(day),
        signed_at=at(day),
        treated_minutes=50,
        measures=(),
    )


def planned(days: Sequence[float], known: Sequence[Episode], day: float) -> Plan:
    return plan(
        [session(each) for each in days],
        known,
        choose=lambda codes: Primary("NPRS", "1", stand_in=False),
        name=lambda first: f"e of {first.id}",
        now=at(day),
    )


def discharged(day: float) -> Episode:
    (episode,) = planned([0, 10], [], day).episodes
    return episode.ended_by("t-1", DischargeReason.GOALS_MET, at(day))


def test_a_discharge_closes_the_episode_and_says_why() -> None:
    episode = discharged(20)
    assert (episode.state, episode.close_reason, episode.closes_at) == (
        EpisodeState.CLOSED,
        CloseReason.DISCHARGED,
        at(20),
    )
    (later,) = planned([0, 10], [episode], 100).episodes
    assert (later.state, later.close_reason, later.closes_at) == (EpisodeState.CLOSED, CloseReason.DISCHARGED, at(20))


def test_coming_back_for_the_same_condition_within_60_days_opens_it_again() -> None:
    (episode,) = planned([0, 10, 25], [discharged(20)], 26).episodes
    assert (episode.id, episode.state, episode.close_reason, episode.sessions) == (
        "e of s-0",
        EpisodeState.OPEN,
        None,
        3,
    )
    (over,) = planned([0, 10, 25], [episode], 25 + 60).episodes
    assert over.close_reason is CloseReason.NO_VISIT_60_DAYS


def test_later_than_that_a_new_one_begins() -> None:
    first, second = planned([0, 10, 71], [discharged(20)], 72).episodes
    assert (first.close_reason, second.state) == (CloseReason.DISCHARGED, EpisodeState.OPEN)


def test_a_session_from_before_the_discharge_that_comes_late_changes_nothing() -> None:
    (episode,) = planned([0, 10, 15], [discharged(20)], 21).episodes
    assert (episode.close_reason, episode.sessions) == (CloseReason.DISCHARGED, 3)


def test_time_that_ran_out_before_is_the_reason_that_stays() -> None:
    (episode,) = planned([0, 10], [], 70).episodes
    with pytest.raises(Conflict):
        episode.ended_by("t-1", DischargeReason.OTHER, at(70))
    with pytest.raises(Conflict):
        replace(discharged(20)).ended_by("t-1", DischargeReason.OTHER, at(21))


def test_a_clock_that_lags_behind_a_session_does_not_undo_the_discharge() -> None:
    (episode,) = planned([0, 10], [], 9).episodes
    assert episode.ended_by("t-1", DischargeReason.OTHER, at(9)).close_reason is CloseReason.DISCHARGED
