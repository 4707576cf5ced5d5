"""A problem of today as it runs: what has begun is not planned again, and runs go on from where they stand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from scheduling_svc.disruption.blocked_roads import RoadBlock, blocks_of
from scheduling_svc.disruption.eta import LiveShift, Step, pauses_ahead, whereabouts
from scheduling_svc.disruption.live_day import has_begun, live_shift
from scheduling_svc.disruption.rest_of_day import Standing, rest_of_day, slowed
from scheduling_svc.planning.problem import Break, Window
from scheduling_svc.plans.assembling import Assembled
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.travel import Travel


def as_it_runs(assembled: Assembled, travel: PracticeTravel) -> Assembled:
    """The same days, planned from this moment on. Days on which nothing has begun stay as they are."""
    standings = {}
    for run, (day, shift) in assembled.shifts.items():
        if any(stop.shift_id == run and has_begun(assembled.source.appointments.get(stop.id)) for stop in day.stops):
            live = live_shift(day, shift, assembled.source.appointments, assembled.source.directory)
            begun = {stop.id for stop in day.stops if stop.shift_id == run and assembled.has_begun(stop.id)}
            standings[run] = _standing(assembled, live, begun, travel.in_zone(shift.time_zone))
    assembled = _with_blocks(assembled, travel)
    if not standings and all(shift.starts_at >= assembled.source.now for _, shift in assembled.shifts.values()):
        return assembled
    now = assembled.seconds(assembled.source.now)
    return replace(assembled, problem=rest_of_day(assembled.problem, now, standings))


def _with_blocks(assembled: Assembled, travel: PracticeTravel) -> Assembled:
    """With the drives that blocked roads make longer, wherever one may fall into their hours."""
    problem, places = assembled.problem, assembled.places
    for block in blocks_of(travel):

        def slower(here: int, there: int, seconds: int, block: RoadBlock = block) -> int:
            return block.slowed(seconds // 60) * 60 if block.touches(places[here], places[there]) else seconds

        problem = slowed(problem, slower, assembled.seconds(block.since), assembled.seconds(block.until))
    return replace(assembled, problem=problem)


def _standing(assembled: Assembled, live: LiveShift, all_begun: set[str], travel: Travel) -> Standing:
    """`all_begun`: with those to which a therapist had set out who then had to go: nobody plans them anew by itself."""
    now = assembled.source.now
    at = whereabouts(live, travel, now)
    begun = [visit for visit in live.visits if visit.step is not Step.AHEAD and visit.id in assembled.stops]
    places = [live.base, *(visit.place for visit in begun)]
    driven = sum(travel.minutes(here, there, now) for here, there in pairwise(places))
    return Standing(
        place=assembled.places.index(at.place),
        free_at=assembled.seconds(at.free_at),
        anchor=begun[-1].id if begun else None,
        begun=frozenset(all_begun),
        driven=driven * 60,
        worked=sum(visit.minutes for visit in begun) * 60,
        breaks=tuple(
            Break(Window(assembled.seconds(one.earliest), assembled.seconds(one.latest)), one.minutes * 60)
            for one in pauses_ahead(live, travel, now)
        ),
    )
