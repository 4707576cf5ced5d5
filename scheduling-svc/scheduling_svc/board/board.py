"""The board of a day: therapists against time, what nobody has taken on yet, and which promises are in danger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fascia.localtime import wall
from scheduling_svc.board.scene import Scene, mark_of
from scheduling_svc.disruption.eta import Eta, etas
from scheduling_svc.disruption.live_day import live_shift
from scheduling_svc.disruption.risk import Risk
from scheduling_svc.disruption.telling import Level, thresholds_of
from scheduling_svc.routes.given_up import GivenUp
from scheduling_svc.routing.route import legs
from scheduling_svc.routing.therapist_day import DayStatus, Stop, TherapistDay
from scheduling_svc.waitlist.entry import Entry
from scheduling_svc.workforce.place import MOBILE
from scheduling_svc.workforce.shift import Shift


@dataclass(frozen=True)
class BoardStop:
    """A visit on the board.

    `town`: where, as far as it may be shown to whoever holds a link. `told_at`: what the patient was told.
    `expected_at`: when it would begin as things are now; None once it has begun. `spare_minutes`: until the promise
    breaks; negative: it does.
    """

    id: str
    held: bool
    patient_id: str
    patient_name: str
    service_type: str
    setting: str
    location_id: str | None
    town: str
    status: str
    position: int
    drive_minutes: int
    starts_at: datetime
    ends_at: datetime
    local_start: str
    promised_from: datetime
    promised_until: datetime
    told_at: datetime | None
    expected_at: datetime | None
    spare_minutes: int | None
    held_until: datetime | None
    locked: bool
    asked_for: bool
    partner_id: str | None


@dataclass(frozen=True)
class Row:
    """One therapist's day. `replan_pending`: it changed and is about to be planned anew."""

    therapist_id: str
    name: str
    region: str
    time_zone: str
    status: DayStatus
    revision: int
    version: int
    replan_pending: bool
    shifts: tuple[Shift, ...]
    stops: tuple[BoardStop, ...]
    driving_minutes: int
    visit_minutes: int
    overtime_minutes: int


@dataclass(frozen=True)
class Unassigned:
    """Something that nobody makes yet: `why` is waitlist, given_up or nobody (can make it as things are)."""

    id: str
    why: str
    patient_id: str
    service_type: str
    therapist_id: str | None = None
    promised_until: datetime | None = None
    prize_minutes: int | None = None


@dataclass(frozen=True)
class AtRisk:
    """A promise in danger. `state`: as the dispatcher's list of risks has it; seen: only the board sees it so far."""

    appointment_id: str
    therapist_id: str
    patient_id: str
    state: str
    cause: str | None
    promised_until: datetime
    expected_at: datetime | None
    late_minutes: int


@dataclass(frozen=True)
class Board:
    """A day of the practice, or of a region. `mark` changes as soon as anything of it does."""

    date: date
    region: str | None
    drawn_at: datetime
    mark: int
    replan_pending: bool
    rows: tuple[Row, ...]
    unassigned: tuple[Unassigned, ...]
    at_risk: tuple[AtRisk, ...]


@dataclass(frozen=True)
class Beside:
    """What is kept beside the days: wishes that wait, visits given up, risks, whose days are to be planned anew."""

    waiting: Sequence[Entry] = ()
    given_up: Sequence[GivenUp] = ()
    risks: Sequence[Risk] = ()
    to_plan: frozenset[str] = frozenset()


def draw_board(scene: Scene, region: str | None, beside: Beside) -> Board:
    """The board of what was read."""
    shown = [day for day in scene.days.values() if day.shifts or scene.live(day)]
    expected = {eta.visit: eta for day in shown for eta in _expected(scene, day)}
    rows = [_row(scene, day, expected, pending=day.therapist_id in beside.to_plan) for day in shown]
    owners = {stop.id: (day, stop) for day in shown for stop in day.booked()}
    versions = {day.therapist_id: day.version for day in shown}
    versions |= {one.id: one.version for one in scene.appointments.values()}
    return Board(
        date=scene.date,
        region=region,
        drawn_at=scene.now,
        mark=mark_of(versions),
        replan_pending=any(row.replan_pending for row in rows),
        rows=tuple(sorted(rows, key=lambda row: (row.region, row.name, row.therapist_id))),
        unassigned=tuple(_unassigned(scene, shown, beside)),
        at_risk=tuple(_at_risk(scene, owners, expected, beside.risks)),
    )


def _expected(scene: Scene, day: TherapistDay) -> Iterable[Eta]:
    for shift in day.shifts:
        live = live_shift(day, shift, scene.appointments, scene.directory)
        yield from etas(live, scene.travel.in_zone(shift.time_zone), scene.now)


def _row(scene: Scene, day: TherapistDay, expected: Mapping[str, Eta], *, pending: bool) -> Row:
    therapist, live = scene.directory.therapist(day.therapist_id), tuple(scene.live(day))
    zone = day.shifts[0].time_zone if day.shifts else therapist.time_zone
    drives = {stop.id: drive for stop, drive in legs(day, live, scene.directory, scene.travel)}
    run = scene.driving(day, live)
    stops = [
        _stop(scene, stop, position, drives.get(stop.id, 0), zone, expected.get(stop.id))
        for position, stop in enumerate(live)
    ]
    return Row(
        therapist_id=therapist.id,
        name=therapist.name,
        region=therapist.region,
        time_zone=zone,
        status=day.status,
        revision=day.revision,
        version=day.version,
        replan_pending=pending,
        shifts=day.shifts,
        stops=tuple(stops),
        driving_minutes=run.driving,
        visit_minutes=sum(stop.minutes for stop in live),
        overtime_minutes=run.overtime,
    )


def _stop(scene: Scene, stop: Stop, position: int, drive: int, zone: str, eta: Eta | None) -> BoardStop:
    appointment = scene.appointments.get(stop.id)
    patient = scene.patients.get(stop.patient_id)
    profile = patient.profile if patient else None
    return BoardStop(
        id=stop.id,
        held=stop.held_until is not None,
        patient_id=stop.patient_id,
        patient_name=profile.name if profile else "",
        service_type=stop.service_type or (appointment.visit.service_type if appointment else ""),
        setting=stop.setting,
        location_id=stop.location_id,
        town=_town(scene, stop),
        status=appointment.status.value if appointment else "held",
        position=position,
        drive_minutes=drive,
        starts_at=stop.starts_at,
        ends_at=stop.ends_at,
        local_start=wall(stop.starts_at, zone),
        promised_from=stop.earliest,
        promised_until=stop.latest,
        told_at=appointment.starts_at if appointment else None,
        expected_at=eta.starts_at if eta else None,
        spare_minutes=-eta.late if eta else None,
        held_until=stop.held_until,
        locked=stop.locked,
        asked_for=appointment.visit.asked_for if appointment else stop.fixed_therapist and stop.setting == MOBILE,
        partner_id=stop.partner_id,
    )


def _town(scene: Scene, stop: Stop) -> str:
    if stop.location_id is not None:
        return scene.directory.location(stop.location_id).name
    patient = scene.patients.get(stop.patient_id)
    address = patient.profile.address if patient and patient.profile else None
    return f"{address.city}, {address.state}" if address else ""


def _unassigned(scene: Scene, shown: Sequence[TherapistDay], beside: Beside) -> Iterable[Unassigned]:
    for day in shown:
        given_up = {one.appointment_id for one in beside.given_up if one.therapist_id == day.therapist_id}
        for stop in scene.live(day):
            shift = next((known for known in day.shifts if known.id == stop.shift_id), None)
            left_over = shift is None or not shift.still_holds(stop.starts_at)
            if left_over or stop.id in given_up:
                why = "nobody" if left_over else "given_up"
                yield Unassigned(
                    stop.id, why, stop.patient_id, stop.service_type, day.therapist_id, promised_until=stop.latest
                )
    for entry in beside.waiting:
        yield Unassigned(entry.id, "waitlist", entry.patient_id, entry.service_type, prize_minutes=entry.prize_minutes)


def _at_risk(
    scene: Scene,
    owners: Mapping[str, tuple[TherapistDay, Stop]],
    expected: Mapping[str, Eta],
    risks: Sequence[Risk],
) -> Iterable[AtRisk]:
    """What the list of risks says of visits that are on the board, and what can be seen to be late beside it."""
    listed = {risk.id: risk for risk in risks if risk.id in owners}
    for risk in listed.values():
        danger = risk.danger
        yield AtRisk(
            appointment_id=risk.id,
            therapist_id=owners[risk.id][0].therapist_id,
            patient_id=risk.patient_id,
            state=risk.state.value,
            cause=danger.cause.value,
            promised_until=danger.promised_until,
            expected_at=danger.expected_at,
            late_minutes=danger.late_minutes,
        )
    thresholds = thresholds_of(scene.directory.practice)
    for id_, eta in expected.items():
        day, stop = owners[id_]
        if id_ in listed or thresholds.level(eta, exact=stop.earliest == stop.latest) is Level.NONE:
            continue
        yield AtRisk(id_, day.therapist_id, stop.patient_id, "seen", None, eta.promised_until, eta.starts_at, eta.late)
