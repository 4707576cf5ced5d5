"""What a pay plan must satisfy before it is kept. Every refusal names its field and the fix. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fascia.contracts.event_schema import SETTINGS_OF_CARE
from fascia.problem import FieldError, Problem
from outcomes_svc.pay.money import PLACES, ZERO
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import SHADOW_MONTHS, Gates, OutcomePart, PayPlan

HIGHEST_SHARE = Decimal("0.25")
"""No plan may put more than a quarter of base pay on results: the effects are small (outcome-pay, facts)."""


class PlanRefused(Problem):
    """422: the plan breaks rules; every one is named."""

    status = 422

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("pay-plan-refused", "The pay plan breaks a rule; nothing was stored.", errors=errors)


def check_plan(plan: PayPlan, earlier: Sequence[PayPlan], last_issued: Month | None) -> None:
    """Raise PlanRefused unless the plan may be added to the practice's `earlier` versions."""
    errors = [*_terms(plan), *_rates(plan), *_amounts(plan), *_outcome(plan, earlier), *_order(plan, last_issued)]
    if errors:
        raise PlanRefused(errors)


def _terms(plan: PayPlan) -> Iterator[FieldError]:
    if plan.currency not in PLACES:
        known = ", ".join(PLACES)
        yield FieldError(
            "currency", f"{plan.currency!r} is not a currency that can be paid in.", f"Use one of {known}."
        )
    for field, zone in [("time_zone", plan.time_zone), *((f"zones.{who}", zone) for who, zone in plan.zones.items())]:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield FieldError(field, f"{zone!r} is not an IANA time zone.", "Use a name such as America/New_York.")
    if plan.issue_on_day is not None and not 1 <= plan.issue_on_day <= 28:
        yield FieldError("issue_on_day", "Not every month has that day.", "Choose a day from 1 to 28, or null.")


def _rates(plan: PayPlan) -> Iterator[FieldError]:
    counted = Counter((rate.setting, rate.service_type) for rate in plan.rates)
    for place, rate in enumerate(plan.rates):
        if rate.setting not in SETTINGS_OF_CARE:
            known = ", ".join(SETTINGS_OF_CARE)
            yield FieldError(f"rates.{place}.setting", f"{rate.setting!r} is no setting of care.", f"Use {known}.")
        if counted[rate.setting, rate.service_type] > 1:
            fix = "Keep one rate for each setting and service type."
            yield FieldError(f"rates.{place}", "Another rate is for the same setting and service type.", fix)
        if rate.amount <= ZERO:
            yield FieldError(f"rates.{place}.amount", "A base rate is more than nothing.", "Send an amount above 0.")
    for setting in SETTINGS_OF_CARE:
        if (setting, None) not in counted:
            # A session that nobody has a rate for would be a session that nobody is paid for.
            fix = f"Add a rate with setting {setting} and service_type null; it pays what has no rate of its own."
            yield FieldError("rates", f"There is no rate for any {setting} session.", fix)


def _amounts(plan: PayPlan) -> Iterator[FieldError]:
    places = PLACES.get(plan.currency, 2)
    named = {
        "hourly": plan.hourly or ZERO,
        "travel.per_kilometre": plan.travel.per_kilometre,
        "travel.per_minute": plan.travel.per_minute,
    }
    for field, amount in named.items():
        if amount < ZERO:
            yield FieldError(field, "Pay is never negative.", "Send 0 or more.")
    for place, rate in enumerate(plan.rates):
        if rate.amount != round(rate.amount, places):
            fix = f"Send at most {places} places after the point."
            yield FieldError(f"rates.{place}.amount", f"{plan.currency} has no smaller unit.", fix)


def _outcome(plan: PayPlan, earlier: Sequence[PayPlan]) -> Iterator[FieldError]:
    part = plan.outcome
    if part is None:
        return
    if not ZERO < part.max_share <= HIGHEST_SHARE:
        fix = f"Send more than 0 and at most {HIGHEST_SHARE}."
        yield FieldError("outcome.max_share", "The largest share of base pay is out of bounds.", fix)
    if min(part.practice_weight, part.therapist_weight) < ZERO or part.practice_weight + part.therapist_weight != 1:
        fix = "Send two weights of 0 or more whose sum is 1, such as 0.7 and 0.3."
        yield FieldError("outcome.practice_weight", "The weights do not share out one whole.", fix)
    if not ZERO < part.full_effect <= 3:
        fix = "Send a number of standard deviations above 0 and at most 3, such as 0.2."
        yield FieldError("outcome.full_effect", "The effect that earns the whole share is out of bounds.", fix)
    if not 1 <= part.window_months <= 36:
        yield FieldError("outcome.window_months", "The window is out of bounds.", "Send 1 to 36 months.")
    if not 0 <= part.settled_days <= 365:
        yield FieldError("outcome.settled_days", "The time to settle is out of bounds.", "Send 0 to 365 days.")
    yield from _gates(part.gates)
    yield from _shadow(plan, part, earlier)


def _gates(gates: Gates) -> Iterator[FieldError]:
    least = Gates()
    for name in ("n_eff", "reliability", "follow_up"):
        needed, given = getattr(least, name), getattr(gates, name)
        if given < needed:
            yield FieldError(
                f"outcome.gates.{name}", "A gate may be tightened, not loosened.", f"Send {needed} or more."
            )
        elif name != "n_eff" and given > 1:
            yield FieldError(f"outcome.gates.{name}", "Nobody can pass this gate.", "Send at most 1.")


def _shadow(plan: PayPlan, part: OutcomePart, earlier: Sequence[PayPlan]) -> Iterator[FieldError]:
    begun = [known.effective_from for known in earlier if known.outcome is not None]
    soonest = min([*begun, plan.effective_from]).plus(SHADOW_MONTHS - 1)
    if part.shadow_until < soonest:
        fix = f"Send {soonest} or a later month; what the part would have paid is shown until then."
        yield FieldError("outcome.shadow_until", "The first year of an outcome part is shown and not paid.", fix)


def _order(plan: PayPlan, last_issued: Month | None) -> Iterator[FieldError]:
    if last_issued is not None and plan.effective_from <= last_issued:
        fix = f"Begin in {last_issued.plus(1)} or later; what was issued is corrected on the next statement."
        yield FieldError("effective_from", f"Statements of {last_issued} have been issued.", fix)
