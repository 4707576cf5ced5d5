"""Use cases: look at a period, and decide about a flag. Neither touches pay."""

from __future__ import annotations

from fascia.ids import new_id
from fascia.problem import StaleVersion
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.gaming import store
from outcomes_svc.gaming.finding import Finding, findings
from outcomes_svc.gaming.flag import FlagState, GamingFlag
from outcomes_svc.gaming.gathered import gathered
from outcomes_svc.gaming.review import Review, expected_by_chance, judged_by_kind
from outcomes_svc.gaming.watch import figures
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.results.period import Period
from outcomes_svc.results.published_models import model_for


def review_period(uow: UnitOfWork, period: Period, by: str, scheduled: str | None = None) -> Review:
    """Compute every figure of a period and raise a flag for each that is worth a look.

    The same period again renews the figures of its open flags. `scheduled` names a review that is made once.
    """
    table = gathered(store.known_of(uow, period), uow.now)
    model = model_for(uow, period.first.year)
    found = figures(table, model)
    raised: list[str] = []
    again: list[str] = []
    for finding in findings(table.ids, found):
        flag, new = _raise(uow, finding, period, model)
        (raised if new else again).append(flag.id)
    judged = judged_by_kind(found)
    review = Review(
        id=new_id(),
        first=period.first,
        last=period.last,
        made_at=uow.now,
        made_by=by,
        model_version=model.version if model else None,
        cases=len(table),
        therapists=len(table.therapists),
        judged=judged,
        expected_by_chance=expected_by_chance(judged),
        raised=tuple(raised),
        seen_again=tuple(again),
    )
    store.add_review(uow, review, scheduled)
    return review


def decide(uow: UnitOfWork, flag_id: str, version: int, state: FlagState, by: str, note: str) -> GamingFlag:
    """Say what a flag came to; raises StaleVersion, Conflict or Forbidden."""
    flag = store.get_flag(uow, flag_id)
    if flag.version != version:
        raise StaleVersion(version)
    decided = flag.decided(state, by, note, uow.now)
    store.save_flag(uow, decided)
    return decided


def _raise(uow: UnitOfWork, finding: Finding, period: Period, model: PredictionModel | None) -> tuple[GamingFlag, bool]:
    """The flag of a finding, and whether it is a new one."""
    version = model.version if model else None
    known = store.find_flag(uow, finding.therapist_id, finding.kind, period)
    if known is None:
        flag = GamingFlag(
            id=new_id(),
            version=1,
            finding=finding,
            first=period.first,
            last=period.last,
            model_version=version,
            raised_at=uow.now,
            seen_at=uow.now,
        )
        store.save_flag(uow, flag)
        return flag, True
    flag = known.seen_again(finding, version, uow.now)
    if flag is not known:
        store.save_flag(uow, flag)
    return flag, False
