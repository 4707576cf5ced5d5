"""What a move costs, part by part, in minutes of driving: the parts of a plan's cost, for two days alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduling_svc.board.scene import Scene
from scheduling_svc.plans.assembling import MOVED
from scheduling_svc.plans.suiting import costs_by_therapist
from scheduling_svc.routing.therapist_day import Stop, TherapistDay


@dataclass(frozen=True)
class MoveCost:
    """What each part costs more than now; negative: less. `left_out` is never touched by a move."""

    driving: float = 0
    overtime: float = 0
    preference: float = 0
    unfairness: float = 0
    changed_hands: float = 0
    moved: float = 0
    left_out: float = 0

    @property
    def total(self) -> float:
        """All parts."""
        return round(sum(float(part) for part in vars(self).values()), 1)


def cost_of(scene: Scene, stop: Stop, before: Sequence[TherapistDay], after: Sequence[TherapistDay]) -> MoveCost:
    """The cost of the days after a visit moved, less that of the days before."""
    policy = scene.directory.practice.planning
    was, now = _owner(before, stop), _owner(after, stop)
    driven = [scene.driving(day, scene.live(day)) for day in (*before, *after)]
    first, second = driven[: len(before)], driven[len(before) :]
    hands = policy.change_of_hands_minutes if was != now else 0
    by_therapist = costs_by_therapist([was, now], scene.preference(stop.patient_id), policy)
    return MoveCost(
        driving=sum(run.driving for run in second) - sum(run.driving for run in first),
        overtime=policy.overtime_factor * (sum(run.overtime for run in second) - sum(run.overtime for run in first)),
        preference=(by_therapist.get(now, 0) - by_therapist.get(was, 0)) / 60,
        unfairness=round(policy.unfairness * (_above_share(scene, after) - _above_share(scene, before)) / 60, 1),
        changed_hands=hands,
        moved=round(_moved(scene, before, after), 1),
    )


def _owner(days: Sequence[TherapistDay], stop: Stop) -> str:
    return next(day.therapist_id for day in days if day.stop(stop.id) is not None)


def _above_share(scene: Scene, changed: Sequence[TherapistDay]) -> float:
    """Seconds by which therapists work more than the mean of all who work that day."""
    days: Mapping[str, TherapistDay] = {**scene.days, **{day.therapist_id: day for day in changed}}
    work = {
        id_: scene.worked.get(id_, 0) + sum(stop.minutes * 60 for stop in scene.live(day))
        for id_, day in days.items()
        if day.shifts
    }
    if not work:
        return 0.0
    mean = sum(work.values()) / len(work)
    return sum(max(0.0, seconds - mean) for seconds in work.values())


def _moved(scene: Scene, before: Sequence[TherapistDay], after: Sequence[TherapistDay]) -> float:
    """Minutes by which visits of published days begin at another time, beyond what is worth a message."""
    was = {stop.id: stop.starts_at for day in before if day.is_published for stop in scene.live(day)}
    tolerance = scene.directory.practice.tell_moves_minutes
    changed = [
        abs((stop.starts_at - was[stop.id]).total_seconds()) / 60
        for day in after
        for stop in scene.live(day)
        if stop.id in was
    ]
    return MOVED * sum(max(0.0, minutes - tolerance) for minutes in changed)
