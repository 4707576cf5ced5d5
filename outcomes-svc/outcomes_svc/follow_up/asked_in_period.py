"""Use cases: read and change the policy; how many requests of a period were answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from fascia.problem import NotFound, RuleViolation, StaleVersion
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments.store import asked_between
from outcomes_svc.follow_up import store
from outcomes_svc.follow_up.policy import FollowUpPolicy
from outcomes_svc.follow_up.response_rate import ResponseRate, rates_by, response_rate


@dataclass(frozen=True)
class ResponseRates:
    """The rate of all requests that were looked at, and of groups of them."""

    all: ResponseRate
    therapists: Mapping[str, ResponseRate]
    purposes: Mapping[str, ResponseRate]


def policy_of(uow: UnitOfWork, version: int | None) -> FollowUpPolicy:
    """A version of the policy, or the one in force; raises NotFound."""
    if version is None:
        return store.current_policy(uow)
    found = store.policy_version(uow, version)
    if found is None:
        raise NotFound("follow-up policy", str(version))
    return found


def change_policy(uow: UnitOfWork, changes: dict[str, Any], based_on: int) -> FollowUpPolicy:
    """The next version of the policy; raises RuleViolation or StaleVersion."""
    present = store.current_policy(uow)
    if present.version != based_on:
        raise StaleVersion(based_on)
    policy = present.changed(changes)
    store.add_policy(uow, policy)
    return policy


def response_rates(
    uow: UnitOfWork, since: date, until: date, therapist_id: str | None, episode_id: str | None
) -> ResponseRates:
    """The rates of requests made from `since` on and before `until`; raises RuleViolation where that is no period."""
    if until <= since:
        raise RuleViolation("no-period", "`to` is not after `from`.", "to", "Send a later day.")
    asked = [
        each
        for each in asked_between(uow, _midnight(since), _midnight(until))
        if therapist_id in (None, each.therapist_id) and episode_id in (None, each.episode_id)
    ]
    return ResponseRates(
        all=response_rate(asked, uow.now),
        therapists=rates_by(asked, lambda each: each.therapist_id, uow.now),
        purposes=rates_by(asked, lambda each: each.purpose.value, uow.now),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
