"""Who is asked when: the baseline before the first visit, the end by the calendar, nobody more than once a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fascia.problem import RuleViolation
from outcomes_svc.assessments.assessment import Assessment, Purpose, awaited_episode
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation
from outcomes_svc.episodes.episode import DischargeReason, Episode, Primary
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.follow_up.agenda import (
    answered_for,
    due_after_session,
    due_before_treatment,
    due_by_calendar,
    due_reminders,
    look_again_at,
)
from outcomes_svc.follow_up.case import Case
from outcomes_svc.follow_up.policy import FollowUpPolicy
from outcomes_svc.follow_up.response_rate import response_rate
from outcomes_svc.follow_up.visit import Visit

VISIT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
POLICY = FollowUpPolicy()


def day(number: float) -> datetime:
    return VISIT + timedelta(days=number)


def session(number: int, at: float) -> TreatedSession:
    return TreatedSession(
        id=f"s-{number}",
        version=1,
        patient_id="p-1",
        therapist_id="t-1",
        appointment_id=f"a-{number}",
        claim_id=None,
        location_id=None,
        setting="clinic",
        service_type="massage-60",
        condition_codes=("M54.59",),
        started_at=day(at) - timedelta(hours=1),
        ended_at=day(at),
        signed_at=day(at),
        treated_minutes=50,
        measures=(),
        episode_id="e-1",
    )


EPISODE = Episode(
    id="e-1",
    version=1,
    patient_id="p-1",
    condition="M54",
    primary=Primary("NPRS", "1", stand_in=False),
    first_session_id="s-1",
    opened_at=VISIT,
    last_session_at=VISIT,
    sessions=1,
)
EVALUATION = BaselineEvaluation(
    id="ev-1",
    patient_id="p-1",
    therapist_id="t-1",
    condition_codes=("M54.59",),
    signed_at=day(-10),
    measures=(),
)
BOOKED = Visit(
    id="a-1",
    version=1,
    patient_id="p-1",
    therapist_id="t-1",
    starts_at=VISIT - timedelta(hours=1),
    ends_at=VISIT,
    booked=True,
)


def asked(at: float, *, answered: float | None = None, open_days: float = 7, **changes: object) -> Assessment:
    made = Assessment(
        id=f"q-{at}",
        version=1,
        patient_id="p-1",
        episode_id="e-1",
        session_id=None,
        therapist_id="t-1",
        instrument="NPRS",
        instrument_version="1",
        items=("pain",),
        due_at=day(at),
        expires_at=day(at + open_days),
        answers=None if answered is None else {"pain": 5},
        answered_at=None if answered is None else day(answered),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def case(**known: object) -> Case:
    empty = Case(patient_id="p-1", episodes=(), sessions=(), evaluations=(), asked=(), visits=())
    return replace(empty, **known)  # type: ignore[arg-type]


def treated(*requests: Assessment, episode: Episode = EPISODE, sessions: int = 1) -> Case:
    return case(
        episodes=[episode],
        sessions=[session(number, number - 1) for number in range(1, sessions + 1)],
        asked=requests,
    )


AWAITING = case(evaluations=[EVALUATION], visits=[BOOKED])


def test_the_baseline_is_asked_for_48_hours_before_the_first_visit() -> None:
    assert due_before_treatment(AWAITING, POLICY, day(-2.1)) is None
    assert look_again_at(AWAITING, POLICY, day(-2.1)) == BOOKED.starts_at - timedelta(hours=48)
    ask = due_before_treatment(AWAITING, POLICY, day(-2))
    assert ask is not None
    assert (ask.purpose, ask.codes, ask.expires_at) == (Purpose.BASELINE, ("M54.59",), day(1))


@pytest.mark.parametrize(
    "changes",
    [
        {"visits": []},
        {"visits": [replace(BOOKED, booked=False)]},
        {"evaluations": []},
        {"evaluations": [replace(EVALUATION, signed_at=day(-31))]},
        {"episodes": [replace(EPISODE, opened_at=day(-9), last_session_at=day(-9))]},
    ],
)
def test_without_a_first_visit_of_an_evaluated_condition_nobody_asks_before(changes: dict[str, object]) -> None:
    assert due_before_treatment(replace(AWAITING, **changes), POLICY, day(-1)) is None  # type: ignore[arg-type]


def test_a_visit_that_moves_takes_the_request_along() -> None:
    moved = replace(AWAITING, visits=[replace(BOOKED, starts_at=day(9), ends_at=day(9.05))])
    assert due_before_treatment(moved, POLICY, day(-1)) is None
    assert due_before_treatment(moved, POLICY, day(8)) is not None
    assert answered_for([asked(-2, answered=-1)], VISIT)
    assert not answered_for([asked(-2, answered=-1)], day(9))


def test_after_the_first_session_the_baseline_is_asked_for_unless_it_was_answered() -> None:
    first = due_after_session(treated(), POLICY, session(1, 0), EPISODE, day(0.01))
    assert first is not None
    assert first.purpose is Purpose.BASELINE
    late = due_after_session(treated(), POLICY, session(1, 0), EPISODE, day(3))
    assert late is not None
    assert late.purpose is Purpose.FOLLOW_UP
    assert due_after_session(treated(asked(-2, answered=-1)), POLICY, session(1, 0), EPISODE, day(0.01)) is None


@pytest.mark.parametrize(("number", "last", "due"), [(2, 0, False), (3, 0, False), (3, -6, True), (4, -6, False)])
def test_later_sessions_ask_when_the_policy_says_so_and_a_week_has_passed(number: int, last: float, due: bool) -> None:
    known = treated(asked(last, answered=last + 0.1), sessions=number)
    found = due_after_session(known, POLICY, session(number, number - 1), EPISODE, day(number - 1))
    assert (found is not None) is due


@pytest.mark.parametrize(
    ("now", "before", "due"),
    [
        (20.9, 0, False),
        (21, 0, True),
        (34.9, 0, True),
        (35, 0, False),  # two weeks late: the next day of the calendar is near
        (21, 18, False),  # asked three days ago
        (25, 18, True),
        (30, 21, False),
        (42, 21, True),
    ],
)
def test_the_calendar_asks_on_its_days_once_and_not_twice_a_week(now: float, before: float, due: bool) -> None:
    known = treated(asked(0, answered=0), asked(before, answered=before))
    assert bool(list(due_by_calendar(known, POLICY, day(now)))) is due


def test_who_did_not_answer_a_day_of_the_calendar_is_not_asked_for_it_again() -> None:
    known = treated(asked(0, answered=0), asked(21))
    assert not list(due_by_calendar(known, POLICY, day(30)))
    assert not list(due_by_calendar(treated(asked(20, answered=23)), POLICY, day(30)))
    assert list(due_by_calendar(treated(asked(20, answered=20.5)), POLICY, day(30)))


def test_a_discharged_patient_is_asked_all_the_same() -> None:
    discharged = EPISODE.ended_by("t-1", DischargeReason.GOALS_MET, day(5))
    (ask,) = due_by_calendar(treated(asked(0, answered=0), episode=discharged), POLICY, day(84))
    assert (ask.purpose, ask.episode) == (Purpose.END, discharged)


def test_after_180_days_and_after_a_new_episode_nobody_asks() -> None:
    assert not list(due_by_calendar(treated(), POLICY, day(180)))
    again = replace(EPISODE, id="e-2", opened_at=day(80), last_session_at=day(80))
    known = replace(treated(), episodes=[EPISODE, again])
    assert not [ask for ask in due_by_calendar(known, POLICY, day(84)) if ask.episode == EPISODE]
    assert [ask.episode for ask in due_by_calendar(known, POLICY, day(101))] == [again]


def test_who_does_not_answer_is_reminded_once_after_three_days() -> None:
    known = treated(asked(21))
    assert due_reminders(known, POLICY, day(23.9)) == []
    assert look_again_at(known, POLICY, day(23.5)) == day(24)
    assert due_reminders(known, POLICY, day(24)) == [asked(21)]
    assert due_reminders(treated(asked(21, reminded_at=day(24))), POLICY, day(25)) == []
    assert due_reminders(treated(asked(21, answered=22)), POLICY, day(24)) == []
    assert due_reminders(known, replace(POLICY, reminder_after_days=None), day(25)) == []
    assert due_reminders(known, POLICY, day(28)) == []


def test_the_next_look_is_never_too_late() -> None:
    """Stepping from look to look finds every request that stepping by the hour finds."""
    known = treated(asked(0, answered=0))
    looks, now = [], day(1)
    while (now := look_again_at(known, POLICY, now)) is not None:  # type: ignore[assignment]
        if next(due_by_calendar(known, POLICY, now), None):
            looks.append((now - VISIT).days)
            number = float(looks[-1])
            known = known.with_request(asked(number, answered=number))
    assert looks == [21, 42, 84, 170]


def test_nobody_looks_at_what_is_over() -> None:
    assert look_again_at(treated(), POLICY, day(190)) is None
    assert look_again_at(case(), POLICY, day(0)) is None


def test_what_was_asked_before_the_first_visit_belongs_to_the_episode_that_began_with_it() -> None:
    request = asked(-2, purpose=Purpose.BASELINE, episode_id="expected")
    assert awaited_episode(request, [EPISODE]) == EPISODE
    assert awaited_episode(request, [replace(EPISODE, id="e-0", opened_at=day(-40)), EPISODE]) == EPISODE
    assert awaited_episode(request, [replace(EPISODE, opened_at=day(40))]) is None
    assert awaited_episode(replace(request, instrument="PEG"), [EPISODE]) is None
    assert awaited_episode(replace(request, session_id="s-1"), [EPISODE]) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": (21, 42, 170)}, "days"),
        ({"days": (84, 21)}, "days"),
        ({"after_sessions": (3, 3)}, "after_sessions"),
        ({"reminder_after_days": 7}, "reminder_after_days"),
    ],
)
def test_a_policy_that_could_choose_the_end_or_contradicts_itself_is_refused(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        POLICY.changed(changes)
    assert refused.value.errors[0].field == field


def test_the_response_rate_counts_what_is_decided_and_the_patients_own_answers() -> None:
    requests = [asked(0, answered=1), asked(1, answered=2, handed_over=True), asked(2), asked(10)]
    found = response_rate(requests, day(12))
    assert (found.asked, found.answered, found.by_patient, found.expired, found.waiting) == (4, 2, 1, 1, 1)
    assert found.rate == pytest.approx(1 / 3, abs=1e-4)
    assert response_rate([asked(10)], day(12)).rate is None
