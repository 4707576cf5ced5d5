"""What a practice decides for itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from scheduling_svc.workforce.planning_policy import PlanningPolicy

# Kilometres per hour by hour of the local day: free at night, slow in the two rush hours. A practice calibrates it, and
# may have 168 values instead, from Monday's first hour on.
DEFAULT_KMH_BY_HOUR = (45,) * 6 + (35, 26, 24, 28) + (32,) * 5 + (28, 25, 23, 26, 32) + (38,) * 2 + (45,) * 2
# Published factors from the great circle to the road are 1.2 to 1.3; 1.36 was measured in Liechtenstein.
DEFAULT_CIRCUITY = 1.3


@dataclass(frozen=True)
class Practice:
    """Settings of a practice. `early_start_minutes` None: a visit may begin however early.

    promise_minutes: how long the window is that a mobile patient is promised; 0: an exact time.
    tell_moves_minutes: a told time that changes by no more than this is not worth a message.
    late_warning_minutes: a promise that is this close to breaking is brought to the dispatcher.
    drive_overhead_minutes: of every estimated drive, however short: to the car, a place to park, to the door.
    road_factor_by_hour, road_overhead_minutes: what the practice's drives take beside a routing engine's free roads.
    route_link_hours: how long after the end of its day a therapist's link to the route still opens it.
    """

    name: str
    time_zone: str
    cancellation_cutoff_hours: int = 24
    hold_minutes: int = 10
    early_start_minutes: int | None = 60
    slot_minutes: int = 15
    circuity: float = DEFAULT_CIRCUITY
    kmh_by_hour: tuple[float, ...] = DEFAULT_KMH_BY_HOUR
    drive_overhead_minutes: float = 0.0
    road_factor_by_hour: tuple[float, ...] = (1.0,) * 24
    road_overhead_minutes: float = 0.0
    promise_minutes: int = 0
    tell_moves_minutes: int = 10
    late_warning_minutes: int = 10
    publish_automatically: bool = False
    route_link_hours: int = 4
    planning: PlanningPolicy = field(default_factory=PlanningPolicy)
    version: int = 1
