"""What a patient is to be asked now, and when to look again. Pure.

Nothing is planned ahead and kept: what is due follows from the visits, sessions and requests that are known, so that a
visit that moves, a session that comes late or a policy that changes needs no plan to be undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from outcomes_svc.assessments.assessment import Assessment, Purpose
from outcomes_svc.episodes.baseline_evaluation import BEFORE_FIRST_SESSION, BaselineEvaluation
from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.episodes.treated_session import TreatedSession, condition_of
from outcomes_svc.episodes.window import BASELINE_AFTER, END_UNTIL, in_baseline_window
from outcomes_svc.follow_up.case import Case
from outcomes_svc.follow_up.policy import FollowUpPolicy, in_end_window
from outcomes_svc.follow_up.visit import Visit, next_visit

LATE = timedelta(days=14)
"""How long after its day a request of the calendar still goes out, where something held it up."""

LOOK_AGAIN = timedelta(days=1)
"""The longest time between two looks at a patient, so that a new policy reaches everybody within a day."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request to make. `codes` are the condition codes, for which the instrument is chosen before an episode is."""

    purpose: Purpose
    codes: tuple[str, ...]
    therapist_id: str | None
    expires_at: datetime
    episode: Episode | None = None
    visit: Visit | None = None
    session_id: str | None = None


def due_before_treatment(case: Case, policy: FollowUpPolicy, now: datetime) -> Ask | None:
    """The baseline of a course of treatment that is booked and has not begun."""
    awaited = awaited_treatment(case, now)
    if awaited is None:
        return None
    evaluation, visit = awaited
    if now < visit.starts_at - timedelta(hours=policy.baseline_hours_before):
        return None
    return Ask(
        purpose=Purpose.BASELINE,
        codes=evaluation.condition_codes,
        therapist_id=visit.therapist_id,
        expires_at=visit.ends_at + BASELINE_AFTER,
        visit=visit,
    )


def awaited_treatment(case: Case, now: datetime) -> tuple[BaselineEvaluation, Visit] | None:
    """The evaluation and the visit with which treatment is to begin; None while it goes on or is not booked."""
    visit, latest = next_visit(case.visits, now), max(case.evaluations, key=_signed, default=None)
    if visit is None or latest is None or visit.starts_at - latest.signed_at > BEFORE_FIRST_SESSION:
        return None
    return None if case.in_treatment(condition_of(latest.condition_codes), now) else (latest, visit)


def answered_for(asked: list[Assessment], visit_at: datetime) -> bool:
    """Whether the patient gave answers that can be the baseline of treatment that begins at `visit_at`."""
    return any(a.answered_at is not None and in_baseline_window(visit_at, a.answered_at) for a in asked)


def due_after_session(
    case: Case, policy: FollowUpPolicy, session: TreatedSession, episode: Episode, now: datetime
) -> Ask | None:
    """What is asked when a session has become known: the baseline after the first, later what the policy says."""
    if episode.at(now).state is not EpisodeState.OPEN:
        return None
    asked = case.asked_for(episode.primary.instrument)
    number = next(n for n, known in enumerate(case.sessions_of(episode), 1) if known.id == session.id)
    first = number == 1 and not answered_for(asked, episode.opened_at)
    scheduled = number in policy.after_sessions and now >= _rested(asked, policy, now)
    if not (first or scheduled):
        return None
    return Ask(
        # A note that is signed days later asks too, for its own sake: the baseline's window is over by then.
        purpose=Purpose.BASELINE if first and now <= episode.opened_at + BASELINE_AFTER else Purpose.FOLLOW_UP,
        codes=session.condition_codes,
        therapist_id=session.therapist_id,
        expires_at=now + timedelta(days=policy.open_days),
        episode=episode,
        session_id=session.id,
    )


def due_by_calendar(case: Case, policy: FollowUpPolicy, now: datetime) -> Iterator[Ask]:
    """What the calendar asks for now, in each episode, treated or discharged."""
    for episode in case.episodes:
        for day, moment in _calendar(case, policy, episode):
            if moment <= now < moment + LATE and now < episode.opened_at + END_UNTIL:
                sessions = case.sessions_of(episode)
                yield Ask(
                    purpose=Purpose.END if in_end_window(day) else Purpose.FOLLOW_UP,
                    codes=sessions[-1].condition_codes if sessions else (),
                    therapist_id=sessions[-1].therapist_id if sessions else None,
                    expires_at=now + timedelta(days=policy.open_days),
                    episode=episode,
                )
                break


def due_reminders(case: Case, policy: FollowUpPolicy, now: datetime) -> list[Assessment]:
    """The requests that are to be sent once more."""
    reminders = ((asked, _reminder_at(asked, policy)) for asked in case.asked if asked.open(now))
    return [asked for asked, at in reminders if at is not None and at <= now]


def look_again_at(case: Case, policy: FollowUpPolicy, now: datetime) -> datetime | None:
    """When something may be due next; None when nothing can be any more."""
    moments = [_reminder_at(asked, policy) for asked in case.asked if asked.open(now)]
    for episode in case.episodes:
        moments += [moment for _, moment in _calendar(case, policy, episode)]
    awaited = awaited_treatment(case, now)
    if awaited is not None:
        moments.append(awaited[1].starts_at - timedelta(hours=policy.baseline_hours_before))
    ahead = [moment for moment in moments if moment is not None and moment > now]
    return min([*ahead, now + LOOK_AGAIN]) if ahead else None


def _calendar(case: Case, policy: FollowUpPolicy, episode: Episode) -> Iterator[tuple[int, datetime]]:
    """The days of an episode that were not asked for yet, each with the moment from which it may be."""
    if case.superseded(episode):
        return
    asked = case.asked_for(episode.primary.instrument)
    for day in policy.days:
        target = episode.opened_at + timedelta(days=day)
        if not any(_covers(each, episode, target) for each in asked):
            yield day, _rested(asked, policy, target)


def _covers(asked: Assessment, episode: Episode, target: datetime) -> bool:
    """Whether a request was made for this day or later, or one that was open then was answered after it."""
    if asked.episode_id != episode.id:
        return False
    return asked.due_at >= target or (asked.answered_at is not None and asked.answered_at >= target)


def _rested(asked: list[Assessment], policy: FollowUpPolicy, wanted: datetime) -> datetime:
    """The first moment from `wanted` on at which the instrument may be asked for again."""
    return max(wanted, asked[-1].due_at + policy.gap) if asked else wanted


def _reminder_at(asked: Assessment, policy: FollowUpPolicy) -> datetime | None:
    """When a request is sent once more; None where it is not, or was."""
    if policy.reminder_after_days is None or asked.reminded_at is not None:
        return None
    return asked.due_at + timedelta(days=policy.reminder_after_days)


def _signed(evaluation: BaselineEvaluation) -> tuple[datetime, str]:
    return evaluation.signed_at, evaluation.id
