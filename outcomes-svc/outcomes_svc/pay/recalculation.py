"""Use cases: compute an issued statement again, and tell what would come out differently by what is known now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.pay import store
from outcomes_svc.pay.correction import Correction, corrections_of
from outcomes_svc.pay.issue import issued_of
from outcomes_svc.pay.known import KnownMonths
from outcomes_svc.pay.money import zero
from outcomes_svc.pay.replay import Replay, first_difference, replay
from outcomes_svc.pay.run import PayRun
from outcomes_svc.pay.settling import today
from outcomes_svc.pay.statement import settled_of, statement
from outcomes_svc.pay.store import IssuedStatement


@dataclass(frozen=True)
class Recalculation:
    """`kept`: the bytes from the inputs that stand in them. `projected`: from sessions, entries and ways as the events
    left them with the service, and the practice's episodes as the run froze them, judged anew."""

    statement: IssuedStatement
    kept: Replay
    projected: Replay


def recalculate(uow: UnitOfWork, found: IssuedStatement) -> Recalculation:
    """Compute a statement again, both ways."""
    return Recalculation(found, replay(found.content), _projected(uow, found))


def difference_today(uow: UnitOfWork, found: IssuedStatement) -> tuple[Correction, ...]:
    """What of a statement comes out differently by what is known now, whatever has been corrected since."""
    inputs = issued_of(found).inputs
    known = KnownMonths(uow, found.month, found.month, found.therapist_id)
    before = settled_of(inputs.month, inputs.plan, inputs.work, inputs.outcome)
    now = today(known, found.therapist_id, _run(uow, found))
    return tuple(corrections_of(found.month, found.sha256, before, now, {}, zero(inputs.plan.currency)))


def _projected(uow: UnitOfWork, found: IssuedStatement) -> Replay:
    run = _run(uow, found)
    known = KnownMonths(uow, found.month, found.month, found.therapist_id)
    known.judged(run, store.frozen_results(uow, found.month))
    inputs = replace(
        issued_of(found).inputs,
        plan=known.paid_by(found.therapist_id, run.plan_version),
        work=known.work(found.therapist_id, found.month),
        outcome=known.figures(found.therapist_id, run),
    )
    again = statement(inputs)
    if again == found.content:
        return Replay(True, found.sha256, None)
    return Replay(False, None, first_difference(found.content, again))


def _run(uow: UnitOfWork, found: IssuedStatement) -> PayRun:
    run = store.find_run(uow, found.month)
    assert run is not None, "a statement is issued by a run"
    return run
