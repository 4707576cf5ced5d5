"""Use cases: open a dispute about a statement, and decide it with the recalculation in view."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from fascia.ids import new_id
from fascia.problem import Conflict, RuleViolation
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.disputes import store
from outcomes_svc.disputes.dispute import Dispute, check_may_open
from outcomes_svc.pay import store as pay
from outcomes_svc.pay.correction import Correction, Ruling, Settled
from outcomes_svc.pay.issue import issued_of
from outcomes_svc.pay.known import KnownMonths
from outcomes_svc.pay.money import ZERO, rounded
from outcomes_svc.pay.recalculation import difference_today
from outcomes_svc.pay.settling import today
from outcomes_svc.pay.statement import settled_of


def open_dispute(uow: UnitOfWork, statement: pay.IssuedStatement, lines: Sequence[str], reason: str) -> Dispute:
    """Dispute lines of a statement; raises Gone, RuleViolation, or Conflict while another one about it is open."""
    inputs = issued_of(statement).inputs
    known = settled_of(inputs.month, inputs.plan, inputs.work, inputs.outcome)
    check_may_open(statement.issued_at, lines, known.keys(), uow.now)
    if store.open_about(uow, statement.id) is not None:
        raise Conflict("dispute-open", "A dispute about this statement is open; it is decided first.")
    dispute = Dispute(
        id=new_id(),
        version=1,
        statement_id=statement.id,
        therapist_id=statement.therapist_id,
        month=statement.month,
        lines=tuple(dict.fromkeys(lines)),
        reason=reason,
        opened_at=uow.now,
    )
    store.add_dispute(uow, dispute)
    return dispute


def recalculated(uow: UnitOfWork, dispute: Dispute) -> tuple[Correction, ...]:
    """What the disputed lines come to by what is known now; after the decision, what it was made on."""
    if dispute.decided_at is not None:
        return dispute.difference
    found = difference_today(uow, pay.get_statement(uow, dispute.statement_id))
    return tuple(line for line in found if line.key in dispute.lines)


def uphold(uow: UnitOfWork, dispute: Dispute, by: str, explanation: str, amounts: Mapping[str, Decimal]) -> Dispute:
    """Agree; `amounts` fix what disputed lines come to where recalculation does not. The next statement settles it."""
    rulings = _rulings(uow, dispute, amounts)
    decided = dispute.uphold(by, uow.now, explanation, recalculated(uow, dispute), rulings)
    store.save_dispute(uow, decided)
    return decided


def reject(uow: UnitOfWork, dispute: Dispute, by: str, explanation: str) -> Dispute:
    """Disagree."""
    decided = dispute.reject(by, uow.now, explanation, recalculated(uow, dispute))
    store.save_dispute(uow, decided)
    return decided


def _rulings(uow: UnitOfWork, dispute: Dispute, amounts: Mapping[str, Decimal]) -> list[Ruling]:
    if not amounts:
        return []
    statement = pay.get_statement(uow, dispute.statement_id)
    run = pay.find_run(uow, dispute.month)
    assert run is not None, "a statement is issued by a run"
    known = KnownMonths(uow, dispute.month, dispute.month)
    now = today(known, dispute.therapist_id, run)
    currency = issued_of(statement).inputs.plan.currency
    nothing = Settled(amount=ZERO, fingerprint="")
    return [
        Ruling(
            dispute_id=dispute.id,
            key=key,
            amount=_checked(key, amount, dispute.lines, currency),
            fingerprint=now.get(key, nothing).fingerprint,
        )
        for key, amount in sorted(amounts.items())
    ]


def _checked(key: str, amount: Decimal, disputed: Collection[str], currency: str) -> Decimal:
    if key not in disputed:
        fix = f"Rule on a disputed line: {', '.join(disputed)}."
        raise RuleViolation("line-not-disputed", f"{key!r} is not disputed.", f"rulings.{key}", fix)
    if amount < ZERO or rounded(amount, currency) != amount:
        fix = f"Send 0 or more, in whole units of {currency}."
        raise RuleViolation("amount-out-of-bounds", f"{amount} cannot be paid.", f"rulings.{key}", fix)
    return rounded(amount, currency)
