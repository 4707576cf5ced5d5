"""Use case: compute an issued statement again, from the inputs in it and from what the service knows by now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.pay import store
from outcomes_svc.pay.correction import Correction, corrections_of
from outcomes_svc.pay.issue import issued_of
from outcomes_svc.pay.known import KnownMonths
from outcomes_svc.pay.money import zero
from outcomes_svc.pay.replay import Replay, first_difference, replay
from outcomes_svc.pay.settling import Issued, today
from outcomes_svc.pay.statement import settled_of, statement
from outcomes_svc.pay.store import IssuedStatement


@dataclass(frozen=True)
class Recalculation:
    """Three answers. `kept`: the bytes from the inputs that stand in them. `frozen`: from the sessions and episodes as
    they are kept, episodes as the run froze them. `today`: what would differ by what is known now, line by line; the
    next statement corrects it."""

    statement: IssuedStatement
    kept: Replay
    projected: Replay
    today: tuple[Correction, ...]


def recalculate(uow: UnitOfWork, statement_id: str) -> Recalculation:
    """Compute a statement again in all ways; raises NotFound."""
    found = store.get_statement(uow, statement_id)
    kept = replay(found.content)
    issued = issued_of(found)
    run = store.find_run(uow, found.month)
    assert run is not None, "a statement is issued by a run"
    projected = _projected(KnownMonths(uow, found.month, found.month), uow, found, issued)
    differences = difference_today(uow, found)
    return Recalculation(found, kept, projected, differences)


def difference_today(uow: UnitOfWork, found: IssuedStatement) -> tuple[Correction, ...]:
    """What of a statement comes out differently by what is known now, whatever has been corrected since."""
    run = store.find_run(uow, found.month)
    assert run is not None, "a statement is issued by a run"
    inputs = issued_of(found).inputs
    known = KnownMonths(uow, found.month, found.month)
    before = settled_of(inputs.month, inputs.plan, inputs.work, inputs.outcome)
    nothing = zero(inputs.plan.currency)
    return tuple(corrections_of(found.month, found.sha256, before, today(known, found.therapist_id, run), {}, nothing))


def _projected(known: KnownMonths, uow: UnitOfWork, found: IssuedStatement, issued: Issued) -> Replay:
    """From the projections of events: sessions, entries and ways as they are now, results judged from frozen rows."""
    run = store.find_run(uow, found.month)
    assert run is not None, "a statement is issued by a run"
    known.judged(run, store.frozen_results(uow, found.month))
    inputs = replace(
        issued.inputs,
        plan=known.paid_by(found.therapist_id, run.plan_version),
        work=known.work(found.therapist_id, found.month),
        outcome=known.figures(found.therapist_id, run),
    )
    again = statement(inputs)
    equal = again == found.content
    return Replay(equal, None if not equal else found.sha256, None if equal else first_difference(found.content, again))
