"""What could be done about a promise in danger: who else could go, or when the same therapist could."""

from __future__ import annotations

from collections.abc import Iterable

from fascia.store import UnitOfWork
from scheduling_svc.booking.appointment import Appointment
from scheduling_svc.disruption import store
from scheduling_svc.disruption.blocked_roads import with_blocks
from scheduling_svc.disruption.disruption import CALL, Proposal, Way
from scheduling_svc.disruption.replanning import Alternative, alternatives
from scheduling_svc.disruption.running import as_it_runs
from scheduling_svc.plans.arrangement import stored_plan
from scheduling_svc.plans.assembling import Assembled, assemble
from scheduling_svc.plans.reading import read_region
from scheduling_svc.travel.supplying import Day, travel_for
from scheduling_svc.workforce import store as workforce


def ways_out(uow: UnitOfWork, appointment: Appointment) -> tuple[Proposal, ...]:
    """Proposals for a visit as its day stands, the least late first; talking with the patient is always the last."""
    if not appointment.mobile:
        return (CALL,)
    region = workforce.directory(uow).therapist(appointment.visit.therapist_id).region
    source = read_region(uow, region, [appointment.date])
    plain = travel_for(uow, source.directory, [Day(appointment.date, region)])
    travel = with_blocks(plain, store.road_blocks(uow, [appointment.date]))
    assembled = as_it_runs(assemble(source, travel), travel)
    if all(visit.id != appointment.id or visit.pinned for visit in assembled.problem.visits):
        return (CALL,)
    found = alternatives(assembled.problem, stored_plan(assembled), appointment.id)
    return proposals(assembled, found, appointment.visit.therapist_id)


def proposals(assembled: Assembled, found: Iterable[Alternative], therapist_id: str) -> tuple[Proposal, ...]:
    """In the words of the desk."""
    ways = []
    for one in found:
        other = assembled.shifts[one.run][0].therapist_id
        kind = Way.LATER if other == therapist_id else Way.OTHER_THERAPIST
        ways.append(Proposal(kind, other, assembled.moment(one.starts), -(-one.added_driving // 60)))
    return (*ways, CALL)
