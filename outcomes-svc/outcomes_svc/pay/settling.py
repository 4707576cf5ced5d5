"""Use case: what has to be corrected on a therapist's next statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outcomes_svc.pay.correction import Correction, Ruling, Settled, corrections_of, settled_by
from outcomes_svc.pay.known import KnownMonths
from outcomes_svc.pay.money import zero
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.run import PayRun
from outcomes_svc.pay.statement import StatementInputs, settled_of


@dataclass(frozen=True)
class Issued:
    """An earlier statement of the therapist: its hash and the inputs that stand in it."""

    sha256: str
    inputs: StatementInputs


def corrections(
    known: KnownMonths,
    therapist_id: str,
    runs: Sequence[PayRun],
    issued: Sequence[Issued],
    rulings: Mapping[Month, Mapping[str, Ruling]],
) -> tuple[Correction, ...]:
    """The correction lines for the months of `runs`, oldest first; `issued` are the statements so far, in order."""
    found: list[Correction] = []
    for run in runs:
        own = next((statement for statement in issued if statement.inputs.month == run.month), None)
        lines = [line for each in issued for line in each.inputs.corrections if line.month == run.month]
        ruled = rulings.get(run.month, {})
        if own is None and not lines and known.work(therapist_id, run.month).empty:
            continue
        settled = settled_by(_as_issued(own), lines)
        sha256 = own.sha256 if own else None
        found += corrections_of(
            run.month,
            sha256,
            settled,
            today(known, therapist_id, run),
            ruled,
            zero(known.plan(run.plan_version).currency),
        )
    return tuple(found)


def today(known: KnownMonths, therapist_id: str, run: PayRun) -> dict[str, Settled]:
    """What a therapist's month comes to by what is known now, under the plan and the model that it was issued with."""
    plan = known.paid_by(therapist_id, run.plan_version)
    return settled_of(run.month, plan, known.work(therapist_id, run.month), known.figures(therapist_id, run))


def _as_issued(own: Issued | None) -> dict[str, Settled]:
    if own is None:
        return {}
    inputs = own.inputs
    return settled_of(inputs.month, inputs.plan, inputs.work, inputs.outcome)
