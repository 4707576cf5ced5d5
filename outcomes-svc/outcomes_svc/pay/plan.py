"""A pay plan: what a practice pays from a month on. Versions are added, never changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from fascia.contracts.event_schema import SETTINGS_OF_CARE
from outcomes_svc.pay.money import ZERO
from outcomes_svc.pay.month import Month

SHADOW_MONTHS = 12
"""Year 1 of the outcome part is shadow only (outcome-pay, step 8): computed and shown, not paid."""


class RateUnit(StrEnum):
    """What a base rate is paid per."""

    UNIT = "unit"
    HOUR = "hour"
    SESSION = "session"


class UnitRule(StrEnum):
    """How treated minutes become 15-minute units. Payers count differently, so it is data.

    `eight_minutes`: 8-22 minutes are 1 unit, 23-37 are 2 (total-minutes counting); `exact`: minutes / 15.
    """

    EIGHT_MINUTES = "eight_minutes"
    EXACT = "exact"


class DriveSource(StrEnum):
    """Where driven minutes come from: published routes, or entries that the office records."""

    ROUTES = "routes"
    ENTRIES = "entries"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A base rate of one setting. `service_type` None: every service type without a rate of its own."""

    setting: str
    service_type: str | None
    per: RateUnit
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class TravelPay:
    """Pay for the way. `minutes_from` says which record of driven minutes counts, so that none counts twice."""

    per_kilometre: Decimal = ZERO
    per_minute: Decimal = ZERO
    minutes_from: DriveSource = DriveSource.ROUTES


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What an individual part needs, at least (outcome-pay, step 7). A plan may tighten these, never loosen them."""

    n_eff: Decimal = Decimal(30)
    reliability: Decimal = Decimal("0.5")
    follow_up: Decimal = Decimal("0.70")


@dataclass(frozen=True, kw_only=True)
class OutcomePart:
    """m = clip(max_share * (practice_weight * u + therapist_weight * v) / full_effect, 0, max_share).

    The four numbers are policy, not findings (outcome-pay, step 8). Up to and including the month `shadow_until` the
    part is shown and not paid. Episodes count that were opened in the `window_months` before the moment `settled_days`
    before the month's end: by then every end score that can come has come.
    """

    shadow_until: Month
    max_share: Decimal = Decimal("0.10")
    practice_weight: Decimal = Decimal("0.7")
    therapist_weight: Decimal = Decimal("0.3")
    full_effect: Decimal = Decimal("0.2")
    window_months: int = 12
    settled_days: int = 180
    gates: Gates = field(default_factory=Gates)


@dataclass(frozen=True, kw_only=True)
class PayPlan:
    """What is paid from `effective_from` on, until a later version takes over.

    Months begin and end in `time_zone`, for a therapist named in `zones` in theirs. `issue_on_day`: the day of the
    next month on which statements are issued without being asked for, or None.
    """

    version: int
    effective_from: Month
    currency: str
    time_zone: str
    rates: tuple[Rate, ...]
    unit_rule: UnitRule = UnitRule.EIGHT_MINUTES
    hourly: Decimal | None = None
    travel: TravelPay = field(default_factory=TravelPay)
    outcome: OutcomePart | None = None
    zones: Mapping[str, str] = field(default_factory=dict)
    issue_on_day: int | None = None
    created_at: datetime | None = None
    created_by: str = ""

    def zone_of(self, therapist_id: str) -> str:
        """Where a therapist's months begin and end."""
        return self.zones.get(therapist_id, self.time_zone)

    def rate(self, setting: str, service_type: str) -> Rate:
        """The base rate of a session: the one of its service type, else the setting's."""
        for wanted in (service_type, None):
            for rate in self.rates:
                if (rate.setting, rate.service_type) == (setting, wanted):
                    return rate
        raise LookupError(f"no rate for {setting}: a plan has one for each of {', '.join(SETTINGS_OF_CARE)}")

    def shadows(self, month: Month) -> bool:
        """Whether the outcome part of a month is shown and not paid."""
        return self.outcome is not None and month <= self.outcome.shadow_until


def plan_of(plans: Sequence[PayPlan], month: Month) -> PayPlan | None:
    """The version that pays a month: the newest of those that are in effect by then."""
    in_effect = [plan for plan in plans if plan.effective_from <= month]
    return max(in_effect, key=lambda plan: plan.version, default=None)
