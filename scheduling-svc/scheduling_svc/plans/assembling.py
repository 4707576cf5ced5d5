"""From stored days to a problem in plain numbers.

Ids of visits are those of stops (appointments and holds) and of entries of the waitlist; ids of runs those of shifts.
Only mobile shifts are runs: a visit in a room stays where it was booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduling_svc.expecting.expected import ExpectedVisit
from scheduling_svc.patients.patient import Patient
from scheduling_svc.planning.problem import Assignment, Break, Problem, Run, Visit, Weights, Window
from scheduling_svc.plans.drives import Places, drives
from scheduling_svc.plans.region_days import RegionDays
from scheduling_svc.plans.suiting import Need, costs_by_therapist, may_make
from scheduling_svc.routing.therapist_day import NOBODY, Stop, TherapistDay
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.waitlist.entry import Entry
from scheduling_svc.workforce.place import MOBILE, Coordinates
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from scheduling_svc.workforce.shift import Shift
from scheduling_svc.workforce.therapist import Therapist

# What changing a told time costs per second beyond the tolerance: the drive may grow by a fifth of it.
MOVED = 0.2
# What leaving no room for a visit that is only expected costs: more driving than anybody brings, so that room is kept.
EXPECTED_PRIZE = 2 * 60 * 60
# A visit from the waitlist is not placed sooner than the desk can ask the patient.
WAITLIST_NOTICE = timedelta(hours=1)


@dataclass(frozen=True)
class Assembled:
    """A problem, and what its numbers mean. `cut_off` are visits to whose place no road leads."""

    source: RegionDays
    problem: Problem
    places: tuple[Coordinates, ...] = ()
    shifts: Mapping[str, tuple[TherapistDay, Shift]] = field(default_factory=dict)
    stops: Mapping[str, Stop] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    cut_off: frozenset[str] = frozenset()

    def has_begun(self, visit_id: str) -> bool:
        """Whether a visit is out of the planner's hands: its stop stays as it is."""
        return self.source.has_begun(visit_id)

    def is_left_over(self, visit_id: str) -> bool:
        """Whether nobody makes a visit as the days are stored: a plan that does not either breaks nothing."""
        stop = self.stops.get(visit_id)
        return stop is not None and stop.shift_id == NOBODY

    def moment(self, seconds: int) -> datetime:
        """A moment of the problem as a moment."""
        return self.problem.origin + timedelta(seconds=seconds)

    def seconds(self, at: datetime) -> int:
        """A moment as one of the problem."""
        return int((at - self.problem.origin).total_seconds())


def assemble(source: RegionDays, travel: PracticeTravel, *, slowest: bool = False) -> Assembled:
    """The problem of a region's days.

    slowest: with the drives of the slowest hour of the day instead of a usual one, so that no traffic breaks a promise.
    """
    return _Assembly(source).assembled(travel, slowest=slowest)


def places_of(source: RegionDays) -> frozenset[Coordinates]:
    """The places between which a plan of these days may drive, to ask the roads for before it is assembled."""
    directory = source.directory
    bases = {
        directory.base(shift, directory.therapist(day.therapist_id))
        for day in source.days
        for shift in day.shifts
        if shift.setting == MOBILE
    }
    stops = {stop.place for day in source.days for stop in day.stops if stop.setting == MOBILE}
    waiting = {home for entry in source.waiting if (home := _home(source.patients.get(entry.patient_id))) is not None}
    return frozenset(bases | stops | waiting | {visit.place for visit in source.expected})


def _home(patient: Patient | None) -> Coordinates | None:
    profile = patient.profile if patient else None
    return profile.address.coordinates if profile and profile.address else None


class _Assembly:
    def __init__(self, source: RegionDays) -> None:
        self._source = source
        self._directory = source.directory
        self._shifts = {
            shift.id: (day, shift) for day in source.days for shift in day.shifts if shift.setting == MOBILE
        }
        self._stops = {
            stop.id: stop
            for day in source.days
            for stop in day.stops
            if stop.live(source.now) and self._is_mobile(stop)
        }
        self._origin = min((shift.starts_at for _, shift in self._shifts.values()), default=source.now)
        self._places = Places()

    def assembled(self, travel: PracticeTravel, *, slowest: bool) -> Assembled:
        runs = tuple(self._run(day, shift) for day, shift in self._shifts.values())
        visits = [self._visit(day, stop) for day in self._source.days for stop in day.stops if stop.id in self._stops]
        entries = {entry.id: entry for entry in self._source.waiting}
        visits += [visit for entry in entries.values() if (visit := self._optional(entry)) is not None]
        visits += [visit for one in self._source.expected if (visit := self._foreseen(one)) is not None]
        shifts = [shift for _, shift in self._shifts.values()]
        zone = shifts[0].time_zone if shifts else self._directory.practice.time_zone
        by_road = travel.in_zone(zone)
        matrix = drives(self._places.all, by_road, shifts, slowest=slowest)
        cut_off = frozenset(visit.id for visit in visits if not by_road.reaches(self._places.all[visit.place]))
        problem = Problem(self._origin, runs, tuple(visits), matrix, self._weights())
        return Assembled(self._source, problem, self._places.all, self._shifts, self._stops, entries, cut_off)

    def _is_mobile(self, stop: Stop) -> bool:
        """Whether it belongs into a run: the one that it is in, or, where nobody makes it so far, any."""
        return stop.shift_id in self._shifts or (stop.shift_id == NOBODY and stop.setting == MOBILE)

    def _weights(self) -> Weights:
        practice = self._directory.practice
        policy = practice.planning
        return Weights(
            overtime=policy.overtime_factor,
            unfairness=policy.unfairness,
            changed_hands=policy.change_of_hands_minutes * 60,
            moved=MOVED,
            tolerance=practice.tell_moves_minutes * 60,
        )

    def _run(self, day: TherapistDay, shift: Shift) -> Run:
        therapist = self._directory.therapist(day.therapist_id)
        base = self._places.number(self._directory.base(shift, therapist))
        return Run(
            id=shift.id,
            therapist_id=therapist.id,
            date=day.date,
            start_place=base,
            end_place=base,
            opens=self._at(self._opens(shift)),
            closes=self._at(shift.ends_at),
            longest_drive=therapist.max_drive_minutes * 60,
            most_driving=_share_of_driving(therapist, day, shift),
            overtime=0 if shift.ended_early else therapist.max_overtime_minutes * 60,
            breaks=tuple(
                Break(Window(self._at(one.earliest), self._at(one.latest)), one.minutes * 60) for one in shift.breaks
            ),
            worked=self._source.worked.get(therapist.id, 0),
        )

    def _opens(self, shift: Shift) -> datetime:
        """A run that has not begun can't begin in the past; one that has begun goes on from where it is."""
        now = self._source.now
        if shift.starts_at >= now or any(self._is_fixed(s) for s in self._stops.values() if s.shift_id == shift.id):
            return shift.starts_at
        return min(_next_minute(now), shift.ends_at)

    def _visit(self, day: TherapistDay, stop: Stop) -> Visit:
        """A visit that was promised. One under way, locked or overdue stays exactly where it is."""
        here = Assignment(stop.shift_id, self._at(stop.starts_at))
        runs = self._runs_for_stop(day, stop)
        earliest = max(stop.earliest, min(_next_minute(self._source.now), stop.latest))
        preference = self._source.preference(stop.patient_id)
        return Visit(
            id=stop.id,
            place=self._places.number(stop.place),
            seconds=stop.minutes * 60,
            windows=(Window(self._at(earliest), self._at(stop.latest)),),
            runs=runs,
            costs=self._costs(runs, costs_by_therapist(self._therapists(runs), preference, self._policy())),
            pinned=here if self._is_fixed(stop) else None,
            tandem=self._tandem(stop),
            was=here,
            told=day.is_published,
        )

    def _policy(self) -> PlanningPolicy:
        return self._directory.practice.planning

    def _is_fixed(self, stop: Stop) -> bool:
        return self._source.has_begun(stop.id) or stop.locked or stop.latest < self._source.now

    def _runs_for_stop(self, day: TherapistDay, stop: Stop) -> frozenset[str]:
        same_day = [(id_, other) for id_, (other, _) in self._shifts.items() if other.date == day.date]
        if stop.fixed_therapist or stop.held_until is not None:
            return frozenset(id_ for id_, other in same_day if other.therapist_id == day.therapist_id)
        appointment = self._source.appointments.get(stop.id)
        service = stop.service_type or (appointment.visit.service_type if appointment else "")
        if not service:  # booked before stops knew their service: nobody else can be judged
            return frozenset({stop.shift_id})
        need = Need(service, stop.skills, stop.place)
        patient = self._source.patients.get(stop.patient_id)
        return frozenset(id_ for id_, other in same_day if self._may(other, need, patient, stop.patient_id))

    def _may(self, day: TherapistDay, need: Need, patient: Patient | None, patient_id: str) -> bool:
        therapist = self._directory.therapist(day.therapist_id)
        preference = self._source.preference(patient_id)
        return may_make(therapist, need, patient, preference, day.date, self._directory)

    def _tandem(self, stop: Stop) -> str | None:
        if stop.partner_id is None or stop.partner_id not in self._stops:
            return None
        return min(stop.id, stop.partner_id)

    def _optional(self, entry: Entry) -> Visit | None:
        """A visit from the waitlist; None where it has no place on the map, or no day of this plan suits."""
        patient = self._source.patients.get(entry.patient_id)
        home = _home(patient)
        service = self._directory.service_types.get(entry.service_type)
        if home is None or service is None:
            return None
        windows = self._windows(entry)
        if not windows:
            return None
        need = Need(entry.service_type, entry.skills, home)
        runs = frozenset(
            id_ for id_, (day, _) in self._shifts.items() if self._may(day, need, patient, entry.patient_id)
        )
        preference = self._source.preference(entry.patient_id)
        return Visit(
            id=entry.id,
            place=self._places.number(home),
            seconds=service.minutes * 60,
            windows=windows,
            runs=runs,
            costs=self._costs(runs, costs_by_therapist(self._therapists(runs), preference, self._policy())),
            prize=entry.prize_minutes * 60,
        )

    def _foreseen(self, expected: ExpectedVisit) -> Visit | None:
        """A visit that is only expected: on any of the days, by whoever could make it, and worth little."""
        runs, windows, was = [], [], None
        for id_, (day, shift) in self._shifts.items():
            opens, closes = self._at(shift.starts_at), self._at(shift.ends_at) - expected.minutes * 60
            if closes < opens or not self._might(day, expected):
                continue
            runs.append(id_)
            windows.append(Window(opens, closes))
            placed = expected.starts_at
            if day.therapist_id == expected.therapist_id and placed and shift.starts_at <= placed < shift.ends_at:
                was = Assignment(id_, self._at(placed))
        if not runs:
            return None
        return Visit(
            id=expected.id,
            place=self._places.number(expected.place),
            seconds=expected.minutes * 60,
            windows=merged(windows),
            runs=frozenset(runs),
            prize=self._expected_prize(),
            was=was,
        )

    def _expected_prize(self) -> int:
        """Below that of everybody who waits: who is only expected takes no place from who has called."""
        waiting = min((entry.prize_minutes * 60 for entry in self._source.waiting), default=EXPECTED_PRIZE + 1)
        return max(0, min(EXPECTED_PRIZE, waiting - 1))

    def _might(self, day: TherapistDay, expected: ExpectedVisit) -> bool:
        therapist = self._directory.therapist(day.therapist_id)
        return (
            therapist.active
            and expected.service_type in therapist.service_types
            and therapist.masters(expected.skills)
            and therapist.visits_homes_at(expected.place)
        )

    def _windows(self, entry: Entry) -> tuple[Window, ...]:
        soonest = _next_minute(self._source.now + WAITLIST_NOTICE)
        zones = {day.date: shift.time_zone for day, shift in self._shifts.values()}
        spans = [span for day, zone in sorted(zones.items()) for span in entry.windows(day, zone)]
        found = (Window(self._at(max(begin, soonest)), self._at(end)) for begin, end in spans if end >= soonest)
        return tuple(found)

    def _therapists(self, runs: Iterable[str]) -> set[str]:
        return {self._shifts[id_][0].therapist_id for id_ in runs}

    def _costs(self, runs: Iterable[str], by_therapist: Mapping[str, int]) -> dict[str, int]:
        found = {id_: by_therapist.get(self._shifts[id_][0].therapist_id, 0) for id_ in sorted(runs)}
        return {id_: cost for id_, cost in found.items() if cost}

    def _at(self, moment: datetime) -> int:
        return int((moment - self._origin).total_seconds())


def _share_of_driving(therapist: Therapist, day: TherapistDay, shift: Shift) -> int | None:
    """A day's driving limit, shared between the day's mobile shifts by their lengths."""
    if therapist.max_day_drive_minutes is None:
        return None
    mobile = [other for other in day.shifts if other.setting == MOBILE]
    whole = sum((other.ends_at - other.starts_at for other in mobile), timedelta())
    return int(therapist.max_day_drive_minutes * 60 * ((shift.ends_at - shift.starts_at) / whole))


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The same times in as few windows as can be."""
    found: list[Window] = []
    for window in sorted(windows, key=lambda one: one.opens):
        if found and window.opens <= found[-1].closes:
            found[-1] = Window(found[-1].opens, max(found[-1].closes, window.closes))
        else:
            found.append(window)
    return tuple(found)


def _next_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(minutes=1)
