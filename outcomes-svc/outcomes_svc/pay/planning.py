"""Use cases: add a version of the pay plan; record and withdraw what the office knows of a working day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fascia.ids import new_id
from fascia.problem import NotFound
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.pay import store
from outcomes_svc.pay.entry import PayEntry, check_entry
from outcomes_svc.pay.plan import PayPlan
from outcomes_svc.pay.plan_rules import check_plan


def add_plan(uow: UnitOfWork, terms: Mapping[str, Any], by: str) -> PayPlan:
    """Keep the next version of the plan; raises PlanRefused. `terms` are fields of PayPlan."""
    earlier, issued = store.plans(uow), store.runs(uow)
    rates = tuple(terms["rates"])
    plan = PayPlan(**{**terms, "rates": rates}, version=len(earlier) + 1, created_at=uow.now, created_by=by)
    check_plan(plan, earlier, issued[-1].month if issued else None)
    store.add_plan(uow, plan)
    return plan


def get_plan(uow: UnitOfWork, version: int) -> PayPlan:
    """One version; raises NotFound."""
    for plan in store.plans(uow):
        if plan.version == version:
            return plan
    raise NotFound("pay plan version", str(version))


def record_entry(uow: UnitOfWork, fields: Mapping[str, Any], by: str) -> PayEntry:
    """Record hours, kilometres or driven minutes; raises RuleViolation.

    In a month that has been issued it becomes a correction line on the next statement.
    """
    check_entry(fields["kind"], fields["quantity"], fields["date"], uow.now)
    entry = PayEntry(id=new_id(), version=1, recorded_at=uow.now, recorded_by=by, **fields)
    store.add_entry(uow, entry)
    return entry


def withdraw_entry(uow: UnitOfWork, entry_id: str, by: str) -> PayEntry:
    """Take an entry back; raises NotFound or Conflict."""
    withdrawn = store.get_entry(uow, entry_id).withdraw(uow.now, by)
    store.save_entry(uow, withdrawn)
    return withdrawn
