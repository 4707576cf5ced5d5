"""What would happen if a visit moved: is it possible, what does it cost by part, and who else is affected?

A visit moves inside what its patient was promised, to another time, place in the run or therapist. Others stay as they
are as far as the new one lets them, and always inside their own promises. The same rules hold as for a booking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fascia.problem import Conflict, NotFound, Problem, RuleViolation
from scheduling_svc.board.move_cost import MoveCost, cost_of
from scheduling_svc.board.scene import Scene, mark_of
from scheduling_svc.booking.appointment import Appointment
from scheduling_svc.booking.screening import area_refusal, licence_refusal, therapist_refusal
from scheduling_svc.booking.visit import plan_visit
from scheduling_svc.routing.run import Fit, Obstacle, Visit
from scheduling_svc.routing.therapist_day import NOBODY, Stop, TherapistDay, does_not_fit, schedule_of, stops_of
from scheduling_svc.travel.travel import Basis, Travel
from scheduling_svc.workforce.shift import Shift


@dataclass(frozen=True)
class Move:
    """A visit, whom it is given to, and where: at a place in the run (from 0, without the visit itself), at a time, or
    wherever it costs least inside its promise."""

    appointment_id: str
    therapist_id: str
    position: int | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True)
class Affected:
    """A visit that would be elsewhere than now. `told`: its patient would be told, now that the day is published."""

    id: str
    patient_id: str
    therapist_before: str
    therapist_id: str
    starts_before: datetime
    starts_at: datetime
    told: bool
    held: bool = False

    @property
    def minutes(self) -> int:
        """By how many minutes it begins later; earlier: negative."""
        return int((self.starts_at - self.starts_before).total_seconds() // 60)


@dataclass(frozen=True)
class Judgement:
    """What comes of a move; `days` are those that change, as they would be. `mark` names the state judged by, `travel`
    what the drive times rest on."""

    move: Move
    mark: int
    travel: Basis
    obstacles: tuple[Problem, ...] = ()
    position: int | None = None
    affected: tuple[Affected, ...] = ()
    cost: MoveCost | None = None
    days: tuple[TherapistDay, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether nothing stands against it."""
        return not self.obstacles


def judge(scene: Scene, move: Move) -> Judgement:
    """Judge a move. Raises NotFound for a visit that is not of this day, or for nobody."""
    appointment = scene.appointment(move.appointment_id)
    source = scene.owner(appointment.id)
    scene.directory.therapist(move.therapist_id)
    target = scene.day(move.therapist_id)
    versions = {day.therapist_id: day.version for day in (source, target)} | {appointment.id: appointment.version}
    bare = Judgement(move, mark_of(versions), scene.travel.basis())
    stop = source.stop(appointment.id)
    assert stop is not None
    against = tuple(_against(scene, appointment, stop, move))
    if against:
        return replace(bare, obstacles=against)
    placed = _place(scene, source, target, stop, move)
    if isinstance(placed, Problem):
        return replace(bare, travel=scene.travel.basis(), obstacles=(placed,))
    position, after = placed
    days = (after,) if source is target else (source.without(stop.id), after)
    before = (target,) if source is target else (source, target)
    return replace(
        bare,
        travel=scene.travel.basis(),
        position=position,
        affected=tuple(_affected(scene, before, days)),
        cost=cost_of(scene, stop, before, days),
        days=days,
    )


def _against(scene: Scene, appointment: Appointment, stop: Stop, move: Move) -> Iterator[Problem]:
    """All rules that forbid it, whatever the clock says."""
    yield from _own_obstacles(appointment, stop)
    visit = replace(appointment.visit, therapist_id=move.therapist_id)
    if move.starts_at is not None:
        yield from _time_obstacles(scene, appointment, move.starts_at)
    if visit.therapist_id == appointment.visit.therapist_id:
        return
    if appointment.visit.asked_for:
        yield Conflict(
            "therapist-was-asked-for",
            "The patient asked for this therapist and no other.",
            "therapist_id",
            "Ask the patient, and move the appointment.",
        )
    patient = scene.patients.get(visit.patient_id)
    if patient is None or patient.profile is None:
        yield NotFound("patient", visit.patient_id)
        return
    try:
        planned = plan_visit(visit, scene.directory, patient.profile)
    except Problem as problem:
        yield problem
        return
    for found in (
        therapist_refusal(planned.therapist, planned.service, visit.setting, visit.skills),
        scene.preference(visit.patient_id).refusal(visit.therapist_id),
        area_refusal(planned.therapist, planned.site) if planned.mobile else None,
        licence_refusal(planned.therapist, planned.site, scene.date),
    ):
        if found is not None:
            yield found


def _own_obstacles(appointment: Appointment, stop: Stop) -> Iterator[Problem]:
    """What keeps a visit where it is."""
    if appointment.has_begun:
        yield Conflict(
            "visit-not-movable",
            f"The visit is {appointment.status.value}; only one that has not begun can be moved.",
            "appointment_id",
            "Choose another visit.",
        )
    if stop.locked:
        yield Conflict("visit-locked", "The visit is locked where it is.", "appointment_id", "Unlock it first.")
    if stop.partner_id is not None:
        yield Conflict(
            "tandem-not-movable",
            "A tandem visit belongs to two therapists' days and is not moved as one.",
            "appointment_id",
            "Cancel it, and book another one.",
        )


def _time_obstacles(scene: Scene, appointment: Appointment, starts_at: datetime) -> Iterator[Problem]:
    if starts_at <= scene.now:
        yield RuleViolation("starts-in-the-past", "That time is over.", "starts_at", "Choose a later time.")
    promised = appointment.visit.promised
    if not promised.keeps(starts_at):
        yield Conflict(
            "promise-would-break",
            f"The patient was promised a beginning between {promised.earliest.isoformat()} and "
            f"{promised.latest.isoformat()}.",
            "starts_at",
            "Choose a time in between, or agree on another one with the patient and move the appointment.",
        )


def _place(
    scene: Scene, source: TherapistDay, target: TherapistDay, stop: Stop, move: Move
) -> tuple[int, TherapistDay] | Problem:
    """Where the visit goes in the target day, and that day with it; the nearest miss where it goes nowhere."""
    shifts = [shift for shift in target.shifts if shift.serves(stop.setting, stop.location_id)]
    nearest: Problem = does_not_fit(Obstacle.OUTSIDE)
    best: tuple[Fit, Shift] | None = None
    rest = [known for known in scene.live(target) if known.id != stop.id]
    for shift in shifts:
        found = _judge_shift(scene, target, shift, rest, stop, move)
        if isinstance(found, Obstacle):
            nearest = nearest if found is Obstacle.OUTSIDE else does_not_fit(found)
        elif best is None or found.added_drive_minutes < best[0].added_drive_minutes:
            best = found, shift
    if best is None:
        return nearest
    fit, shift = best
    after = _with_stop(scene, target, shift, rest, stop, fit, move)
    return does_not_fit(Obstacle.TRAVEL) if after is None else (fit.position, after)


def _judge_shift(
    scene: Scene, target: TherapistDay, shift: Shift, rest: list[Stop], stop: Stop, move: Move
) -> Fit | Obstacle:
    therapist = scene.directory.therapist(target.therapist_id)
    travel = scene.travel.in_zone(shift.time_zone)
    schedule = schedule_of(shift, rest, therapist, scene.directory, travel, scene.now)
    earliest, latest = _window(stop, move)
    if move.position is None:
        return schedule.judge(stop.place, earliest, stop.minutes, latest)
    if move.position > len(stops_of(shift, rest)):
        return Obstacle.OUTSIDE
    return schedule.judge_at(move.position, stop.place, earliest, stop.minutes, latest)


def _with_stop(
    scene: Scene, target: TherapistDay, shift: Shift, rest: list[Stop], stop: Stop, fit: Fit, move: Move
) -> TherapistDay | None:
    therapist = scene.directory.therapist(target.therapist_id)
    travel = scene.travel.in_zone(shift.time_zone)
    schedule = schedule_of(shift, rest, therapist, scene.directory, travel, scene.now)
    earliest, latest = _window(stop, move)
    run = stops_of(shift, rest)
    wanted = min(max(stop.starts_at, earliest), latest, _before_next(run, stop, fit, travel))
    begins = max(fit.starts_at or earliest, wanted)
    found = schedule.with_visit(Visit(stop.place, earliest, latest, stop.minutes, begins), fit.position)
    if found is None:
        return None
    others = [known for known in rest if known not in run]
    run.insert(fit.position, replace(stop, shift_id=shift.id))
    begun = [known.beginning(at) for known, at in zip(run, found.starts, strict=True)]
    return target.replanned([*others, *begun])


def _before_next(run: list[Stop], stop: Stop, fit: Fit, travel: Travel) -> datetime:
    """When it begins at the latest without moving the visit behind it: a move changes as little as it must."""
    if fit.position >= len(run):
        return stop.latest
    behind = run[fit.position]
    ends = behind.starts_at - timedelta(minutes=travel.minutes(stop.place, behind.place, behind.starts_at))
    return ends - timedelta(minutes=stop.minutes)


def _window(stop: Stop, move: Move) -> tuple[datetime, datetime]:
    return (move.starts_at, move.starts_at) if move.starts_at else (stop.earliest, stop.latest)


def _affected(scene: Scene, before: tuple[TherapistDay, ...], after: tuple[TherapistDay, ...]) -> Iterator[Affected]:
    was = {stop.id: (day, stop) for day in before for stop in scene.live(day)}
    tolerance = timedelta(minutes=scene.directory.practice.tell_moves_minutes)
    for day in after:
        for stop in scene.live(day):
            known_day, known = was[stop.id]
            where = (known_day.therapist_id, known.starts_at, known.shift_id == NOBODY)
            if where == (day.therapist_id, stop.starts_at, stop.shift_id == NOBODY):
                continue
            appointment = scene.appointments.get(stop.id)
            differs = appointment is not None and abs(stop.starts_at - appointment.starts_at) > tolerance
            yield Affected(
                id=stop.id,
                patient_id=stop.patient_id,
                therapist_before=known_day.therapist_id,
                therapist_id=day.therapist_id,
                starts_before=known.starts_at,
                starts_at=stop.starts_at,
                told=day.is_published and differs,
                held=stop.held_until is not None,
            )
