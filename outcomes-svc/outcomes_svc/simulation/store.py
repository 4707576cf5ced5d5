"""What a simulation of pay on a practice's own history reads. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes.store import sessions_ended
from outcomes_svc.pay.books import day_of
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import OutcomePart, PayPlan
from outcomes_svc.pay.store import plans
from outcomes_svc.pay.work import paid_session, session_line
from outcomes_svc.performance.prediction import NotEnoughEpisodes, PredictionModel, fit
from outcomes_svc.performance.store import model_of
from outcomes_svc.results.store import episode_results
from outcomes_svc.simulation.past_pay import ModelSource, PastPay, base_of, check_span, past_pay


def simulate_past(uow: UnitOfWork, opened_from: date, opened_until: date, part: OutcomePart | None) -> PastPay:
    """What a plan would have paid for the episodes that opened in a span.

    `part` is the outcome part to try; without it the practice's newest plan's, or the one that plans begin with.
    """
    check_span(opened_from, opened_until)
    plan = max(plans(uow), key=lambda each: each.version, default=None)
    model, source = _model(uow, opened_from)
    results = episode_results(uow, opened_from=opened_from, opened_until=opened_until)
    return past_pay(
        results,
        model,
        source,
        part or (plan.outcome if plan else None) or OutcomePart(shadow_until=Month(opened_until.year, 12)),
        (opened_from, opened_until),
        _base(uow, plan, opened_from, opened_until) if plan else None,
        plan.currency if plan else None,
    )


def _model(uow: UnitOfWork, opened_from: date) -> tuple[PredictionModel, ModelSource]:
    """The frozen model of the year before; else one fitted on the twelve months before. Raises NotEnoughEpisodes."""
    frozen = model_of(uow, opened_from.year - 1)
    if frozen is not None:
        return frozen, ModelSource.FROZEN
    since = opened_from - timedelta(days=365)
    past = episode_results(uow, opened_from=since, opened_until=opened_from)
    try:
        return fit(past, since.year), ModelSource.FITTED_FOR_THIS
    except NotEnoughEpisodes as few:
        raise NotEnoughEpisodes(few.found, since.year, field="from") from None


def _base(uow: UnitOfWork, plan: PayPlan, since: date, until: date) -> Mapping[str, Decimal]:
    """What the sessions of the span come to by the newest plan's rates, per therapist."""
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    versions = plans(uow)
    for session in sessions_ended(uow, _midnight(since), _midnight(until)):
        day = day_of(versions, session.therapist_id, session.started_at)
        amounts[session.therapist_id].append(session_line(paid_session(session, day), plan).amount)
    return base_of(amounts, plan)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
