"""What is known of a practice's months at this moment: work, results, and how the results are judged.

Read once per use; judging a month is done when it is first asked for, because most months need no second look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes.store import sessions_ended
from outcomes_svc.pay import store
from outcomes_svc.pay.books import books, day_of
from outcomes_svc.pay.evidence import assessed, figures_of, payable, window
from outcomes_svc.pay.models import model_for
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import PayPlan
from outcomes_svc.pay.run import PayRun
from outcomes_svc.pay.share import OutcomeFigures
from outcomes_svc.pay.statement import Work
from outcomes_svc.performance.performance import PracticePerformance
from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.results.store import episode_results

_MARGIN = timedelta(days=2)  # zones, and sessions that end after midnight


@dataclass(frozen=True)
class Judged:
    """The results of a month's window, judged by the model that the month's run was issued with."""

    plan: PayPlan
    results: Sequence[EpisodeResult]
    performance: PracticePerformance | None
    has_model: bool


class KnownMonths:
    """The months from `first` to `last`, both among them; the work of one therapist where that is named."""

    def __init__(self, uow: UnitOfWork, first: Month, last: Month, therapist_id: str | None = None) -> None:
        self._uow = uow
        self.plans = store.plans(uow)
        since, until = _midnight(first) - _MARGIN, _midnight(last.plus(1)) + _MARGIN
        sessions = sessions_ended(uow, since, until, therapist_id)
        recorded = store.recorded(uow, first.first_day, last.plus(1).first_day)
        work = books(self.plans, sessions, recorded)
        self._work = {whose: done for whose, done in work.items() if first <= whose[1] <= last}
        self._judged: dict[Month, Judged] = {}
        self._span = (first, last)
        self._results: list[EpisodeResult] | None = None

    def work(self, therapist_id: str, month: Month) -> Work:
        """A therapist's work of a month."""
        return self._work.get((therapist_id, month), Work())

    def therapists(self) -> set[str]:
        """Everybody who worked in any of the months."""
        return {therapist_id for therapist_id, _ in self._work}

    def plan(self, version: int) -> PayPlan:
        """A version of the practice's plan."""
        return next(plan for plan in self.plans if plan.version == version)

    def results(self, plan: PayPlan, month: Month) -> list[EpisodeResult]:
        """The episodes that a month's outcome part rests on; none where the plan has no such part."""
        if plan.outcome is None:
            return []
        if self._results is None:
            self._results = self._all_results()
        since, until = window(month, plan.outcome)
        return [result for result in self._results if since <= result.opened_at.astimezone(UTC).date() < until]

    def _all_results(self) -> list[EpisodeResult]:
        """The episodes of every month's window at once: windows overlap, and each read is of the whole practice."""
        parts = [plan.outcome for plan in self.plans if plan.outcome is not None]
        since = min(window(self._span[0], part)[0] for part in parts)
        until = max(window(self._span[1], part)[1] for part in parts)
        return payable(episode_results(self._uow, opened_from=since, opened_until=until))

    def judged(self, run: PayRun, results: Sequence[EpisodeResult] | None = None) -> Judged:
        """A run's month, judged on `results` or on what is known of its episodes by now."""
        found = self._judged.get(run.month)
        if found is None:
            plan = self.plan(run.plan_version)
            rows = self.results(plan, run.month) if results is None else results
            model = model_for(self._uow, run.month) if run.model_version else None
            performance = assessed(rows, model, plan.outcome.gates) if plan.outcome else None
            found = self._judged[run.month] = Judged(plan, rows, performance, model is not None)
        return found

    def figures(self, therapist_id: str, run: PayRun) -> OutcomeFigures | None:
        """What one therapist's statement of a run says of results; None where the plan has no outcome part."""
        judged = self.judged(run)
        if judged.plan.outcome is None:
            return None
        return figures_of(
            therapist_id,
            judged.results,
            judged.performance,
            window(run.month, judged.plan.outcome),
            lambda result: day_of(self.plans, therapist_id, result.opened_at),
            has_model=judged.has_model,
        )

    def paid_by(self, therapist_id: str, version: int) -> PayPlan:
        """A version of the plan as it stands on one therapist's statement: nobody else is named in it."""
        plan = self.plan(version)
        zone = plan.zone_of(therapist_id)
        return replace(plan, time_zone=zone, zones={}, created_at=None, created_by="")


def _midnight(month: Month) -> datetime:
    return datetime.combine(month.first_day, time(), UTC)
