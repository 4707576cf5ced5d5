"""A monthly pay statement: a function of its frozen inputs that gives bytes. Pure.

`statement(inputs)` gives the same bytes wherever and whenever it runs: money is decimal with one rounding rule, every
other figure arrives with fixed places, and the document has one spelling. The inputs stand in the document, so whoever
holds it can compute it again; its SHA-256 stands in the next one, so none can be exchanged unseen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from outcomes_svc.pay.canonical import canonical, digest
from outcomes_svc.pay.codec import from_document, to_document
from outcomes_svc.pay.correction import Correction, Settled
from outcomes_svc.pay.money import ZERO, zero
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import PayPlan
from outcomes_svc.pay.share import OutcomeFigures, OutcomeShare, outcome_share
from outcomes_svc.pay.work import DrivenDay, Line, PaidSession, Section, TimeEntry, drive_line, entry_line, session_line

FORMAT = "fascia.pay-statement.v1"


@dataclass(frozen=True, kw_only=True)
class Work:
    """The work of a therapist's month."""

    sessions: tuple[PaidSession, ...] = ()
    entries: tuple[TimeEntry, ...] = ()
    drives: tuple[DrivenDay, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to pay."""
        return not (self.sessions or self.entries or self.drives)


@dataclass(frozen=True, kw_only=True)
class StatementInputs:
    """Everything that a statement rests on, frozen when it is issued.

    `plan` is as the therapist is paid by it: its time zone is theirs, nobody else is named in it. `sequence` counts the
    therapist's statements from 1; `previous` is the SHA-256 of the one before. `outcome` is None where the plan has no
    outcome part.
    """

    practice: str
    therapist: str
    month: Month
    sequence: int
    previous: str | None
    issued_at: datetime
    plan: PayPlan
    work: Work
    outcome: OutcomeFigures | None
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What is paid, by section; `outcome` is nothing in shadow. `total` is what the therapist gets."""

    sessions: Decimal
    hours: Decimal
    travel: Decimal
    outcome: Decimal
    corrections: Decimal
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Computed:
    """What follows from the inputs."""

    lines: tuple[Line, ...]
    outcome: OutcomeShare | None
    sums: Sums


def compute(inputs: StatementInputs) -> Computed:
    """Lines, outcome part and sums."""
    lines = work_lines(inputs.work, inputs.plan)
    share = share_of(inputs.month, inputs.plan, inputs.outcome, lines)
    by_section = {
        section: _sum((line.amount for line in lines if line.section is section), inputs) for section in Section
    }
    outcome = share.paid if share else _sum((), inputs)
    corrections = _sum((line.difference for line in inputs.corrections), inputs)
    sums = Sums(
        sessions=by_section[Section.SESSIONS],
        hours=by_section[Section.HOURS],
        travel=by_section[Section.TRAVEL],
        outcome=outcome,
        corrections=corrections,
        total=sum(by_section.values(), ZERO) + outcome + corrections,
    )
    return Computed(lines=lines, outcome=share, sums=sums)


def work_lines(work: Work, plan: PayPlan) -> tuple[Line, ...]:
    """The lines of a month's work, in the order of section, day and key."""
    lines: list[Line | None] = [session_line(session, plan) for session in work.sessions]
    lines += [entry_line(entry, plan) for entry in work.entries]
    lines += [drive_line(day, plan) for day in work.drives]
    order = list(Section)
    return tuple(
        sorted(
            (line for line in lines if line is not None),
            key=lambda line: (order.index(line.section), line.date, line.key),
        )
    )


def share_of(month: Month, plan: PayPlan, figures: OutcomeFigures | None, lines: Iterable[Line]) -> OutcomeShare | None:
    """The outcome part on top of the sessions' base pay; hours and ways are paid as they are."""
    if figures is None or plan.outcome is None:
        return None
    base = sum((line.amount for line in lines if line.section is Section.SESSIONS), zero(plan.currency))
    return outcome_share(figures, plan.outcome, base, plan.currency, shadow=plan.shadows(month))


def settled_of(month: Month, plan: PayPlan, work: Work, figures: OutcomeFigures | None) -> dict[str, Settled]:
    """What a month comes to, by key: what corrections compare."""
    lines = work_lines(work, plan)
    settled = {line.key: Settled(amount=line.amount, fingerprint=line.fingerprint) for line in lines}
    share = share_of(month, plan, figures, lines)
    if share is None or figures is None:
        return settled
    nothing = zero(plan.currency)
    for episode in figures.episodes:
        found = (episode.baseline, episode.end, episode.change, ",".join(episode.excluded))
        settled[f"episode:{episode.episode_id}"] = Settled(amount=nothing, fingerprint="|".join(map(str, found)))
    settled["outcome"] = Settled(amount=share.paid, fingerprint=f"{share.rate}|{share.base}")
    return settled


def statement(inputs: StatementInputs) -> bytes:
    """The statement's bytes."""
    return seal(content_of(inputs))


def content_of(inputs: StatementInputs) -> dict[str, Any]:
    """The statement as a document: its inputs and what follows from them."""
    return {"format": FORMAT, "inputs": to_document(inputs), **to_document(compute(inputs))}


def seal(content: dict[str, Any]) -> bytes:
    """A document with its own SHA-256 beside it, in its one spelling."""
    return canonical({"content": content, "sha256": digest(canonical(content))})


def inputs_of(content: dict[str, Any]) -> StatementInputs:
    """The inputs that stand in a statement; raises DocumentError."""
    return from_document(StatementInputs, content.get("inputs"), "inputs")


def _sum(amounts: Iterable[Decimal], inputs: StatementInputs) -> Decimal:
    return sum(amounts, zero(inputs.plan.currency))
