"""Use cases of the dispatcher: carry out a move that was looked at, lock a visit where it is, unlock it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from fascia.problem import Conflict, FieldError, NotFound, StaleVersion
from fascia.store import UnitOfWork
from scheduling_svc.board.reading import read_scene
from scheduling_svc.board.what_if import Judgement, Move, judge
from scheduling_svc.booking import store as booking
from scheduling_svc.booking.retelling import Retold, retell
from scheduling_svc.disruption.live import follow
from scheduling_svc.plans.marks import mark_changed
from scheduling_svc.routing import days, store
from scheduling_svc.routing.therapist_day import Stop, TherapistDay
from scheduling_svc.store import write
from scheduling_svc.workforce import store as workforce


@dataclass(frozen=True)
class Moved:
    """A move that was carried out, and what came of it for appointments and routes."""

    judgement: Judgement
    retold: Retold
    published: tuple[str, ...]


def carry_out(uow: UnitOfWork, on: date, move: Move, expected: int, *, lock: bool) -> Moved:
    """Do what was judged. Raises StaleVersion where a day changed since, Conflict naming what stands against it.

    lock: the visit stays there whatever is planned later; otherwise the next plan may find a better place.
    """
    judgement = judge(read_scene(uow, on), move)
    if judgement.mark != expected:
        raise StaleVersion(expected)
    require_feasible(judgement)
    changed = [_with_lock(day, move.appointment_id, locked=lock) for day in judgement.days]
    told = [days.tell_changes(uow, workforce.directory(uow), day) for day in changed]
    write(uow, *(store.change(uow, day) for day in told))
    published = [day for day in told if day.is_published]
    tolerance = workforce.directory(uow).practice.tell_moves_minutes
    retold = retell(uow, told, published, tolerance)
    for day in told:
        # A promise that was in danger may be kept by now, and one that waits behind may be told a new time.
        follow(uow, day.therapist_id, day.date)
    return Moved(judgement, retold, tuple(f"{day.therapist_id}:{day.date.isoformat()}" for day in published))


def set_lock(uow: UnitOfWork, on: date, appointment_id: str, *, locked: bool) -> Stop:
    """Keep a visit where and when it is planned, or give it back to planning. Doing it twice changes nothing.

    Raises NotFound for a visit that is not of this day, Conflict for one that has begun.
    """
    appointment = booking.get_appointment(uow, appointment_id)
    day = days.find_day(uow, appointment.visit.therapist_id, on)
    stop = day.stop(appointment_id)
    if stop is None or appointment.date != on:
        raise NotFound(f"visit on {on}", appointment_id)
    if appointment.has_begun:
        raise Conflict(
            "visit-not-movable",
            f"The visit is {appointment.status.value}; it stays where it is anyhow.",
            "appointment_id",
            "Choose a visit that has not begun.",
        )
    if stop.locked != locked:
        store.save(uow, _with_lock(day, appointment_id, locked=locked))
        if not locked:
            mark_changed(uow, day.therapist_id, day.date)
    return replace(stop, locked=locked)


def require_feasible(judgement: Judgement) -> None:
    """Raise Conflict with all that stands against a move."""
    if judgement.feasible:
        return
    refused = Conflict("move-not-possible", " ".join(problem.detail for problem in judgement.obstacles))
    refused.errors = tuple(
        error
        for problem in judgement.obstacles
        for error in (problem.errors or (FieldError("appointment_id", problem.detail, "Choose another place."),))
    )
    raise refused


def _with_lock(day: TherapistDay, id_: str, *, locked: bool) -> TherapistDay:
    if day.stop(id_) is None:
        return day
    return replace(day, stops=tuple(replace(stop, locked=locked) if stop.id == id_ else stop for stop in day.stops))
