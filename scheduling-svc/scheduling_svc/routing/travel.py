"""Moved to scheduling_svc.travel."""

from __future__ import annotations

from scheduling_svc.travel.estimate import EstimatedTravel, travel_of
from scheduling_svc.travel.great_circle import great_circle_km
from scheduling_svc.travel.travel import Travel

__all__ = ["EstimatedTravel", "Travel", "great_circle_km", "travel_of"]
