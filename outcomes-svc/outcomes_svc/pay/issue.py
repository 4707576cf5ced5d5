"""Use case: issue the statements of a month, for all therapists of a practice, each once.

A run freezes the episodes that the outcome part rests on. Then therapists get their turn, some in each transaction;
whoever is still waiting is served by the worker. Two processes at once do no harm: the run's version lets one win.
"""

from __future__ import annotations

import json

from fascia.ids import new_id
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.disputes.store import rulings_of
from outcomes_svc.pay import store
from outcomes_svc.pay.known import KnownMonths
from outcomes_svc.pay.models import model_for
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.replay import content_hash
from outcomes_svc.pay.run import AT_ONCE, CORRECTED_MONTHS, PayRun, plan_for_run
from outcomes_svc.pay.settling import Issued, corrections
from outcomes_svc.pay.statement import StatementInputs, inputs_of, statement
from outcomes_svc.pay.store import IssuedStatement


def issue_month(uow: UnitOfWork, month: Month, by: str) -> tuple[PayRun, bool]:
    """Begin the run of a month and issue the first statements; the run, and whether it is new.

    A month that was begun before is returned as it stands. Raises RuleViolation or Conflict.
    """
    begun = store.find_run(uow, month)
    if begun is not None:
        return begun, False
    earlier = store.runs(uow)
    last = earlier[-1].month if earlier else None
    plan = plan_for_run(store.plans(uow), month, last, uow.now)
    since = month.plus(-CORRECTED_MONTHS)
    known = KnownMonths(uow, since, month)
    model = model_for(uow, month) if plan.outcome else None
    everybody = sorted(known.therapists() | store.therapists_with_statements(uow, since))
    run = PayRun(
        month=month,
        plan_version=plan.version,
        model_version=model.version if model else None,
        started_at=uow.now,
        started_by=by,
        therapists=len(everybody),
        waiting=tuple(everybody),
    )
    store.save_run(uow, run)
    store.freeze_results(uow, month, known.results(plan, month))
    return (_serve(uow, run, known), True) if everybody else (run, True)


def go_on(uow: UnitOfWork, month: Month) -> PayRun | None:
    """Serve some more therapists of a run that is not done; None when there is nothing to do."""
    run = store.find_run(uow, month)
    if run is None or not run.waiting:
        return None
    return _serve(uow, run, KnownMonths(uow, month.plus(-CORRECTED_MONTHS), month))


def issued_of(statement: IssuedStatement) -> Issued:
    """A statement's inputs, read from its bytes."""
    return Issued(statement.sha256, inputs_of(json.loads(statement.content)["content"]))


def _serve(uow: UnitOfWork, run: PayRun, known: KnownMonths) -> PayRun:
    turn = run.waiting[:AT_ONCE]
    known.judged(run, store.frozen_results(uow, run.month))
    since = run.month.plus(-CORRECTED_MONTHS)
    runs = [found for found in store.runs(uow) if since <= found.month < run.month]
    earlier, rulings = store.statements_of(uow, turn), rulings_of(uow, turn)
    issued = 0
    for therapist_id in turn:
        before = [issued_of(found) for found in earlier[therapist_id]]
        lines = corrections(known, therapist_id, runs, before, rulings.get(therapist_id, {}))
        work = known.work(therapist_id, run.month)
        if work.empty and not lines:
            continue
        _issue(
            uow,
            StatementInputs(
                practice=uow.practice_id,
                therapist=therapist_id,
                month=run.month,
                sequence=len(before) + 1,
                previous=before[-1].sha256 if before else None,
                issued_at=uow.now,
                plan=known.paid_by(therapist_id, run.plan_version),
                work=work,
                outcome=known.figures(therapist_id, run),
                corrections=lines,
            ),
        )
        issued += 1
    served = run.after(turn, issued)
    store.save_run(uow, served)
    return served


def _issue(uow: UnitOfWork, inputs: StatementInputs) -> None:
    content = statement(inputs)
    issued = IssuedStatement(
        id=new_id(),
        therapist_id=inputs.therapist,
        month=inputs.month,
        sequence=inputs.sequence,
        sha256=content_hash(content),
        issued_at=inputs.issued_at,
        content=content,
    )
    store.add_statement(uow, issued)
    uow.publish(
        "pay.statement.issued",
        {
            "statement_id": issued.id,
            "therapist_id": issued.therapist_id,
            "month": str(issued.month),
            "version": issued.version,
            "issued_at": issued.issued_at,
        },
        sequence=issued.version,
    )
