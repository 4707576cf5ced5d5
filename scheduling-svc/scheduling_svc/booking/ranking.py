"""What an offer costs the practice, part by part, in minutes of driving; the cheapest is offered first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduling_svc.patients.preference import Preference
from scheduling_svc.routing.run import Fit
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from scheduling_svc.workforce.therapist import Therapist


@dataclass(frozen=True)
class Parts:
    """Minutes of driving, and what the practice would drive to avoid the rest.

    overtime: the therapist comes home after the shift. continuity: another therapist treated the patient more often.
    preference: the patient prefers others. fairness: the therapist has more to do that day than the others. fill: it
    leaves a gap before or after it that is too short for another visit. foresight: what it costs more, or less, than
    its driving now, once the visits that are expected are made, too. scarcity: the therapist has learnt what this visit
    does not need and others could not give.
    """

    driving: int
    overtime: int = 0
    continuity: float = 0.0
    preference: int = 0
    fairness: float = 0.0
    fill: float = 0.0
    foresight: float = 0.0
    scarcity: int = 0

    @property
    def total(self) -> float:
        """All parts."""
        own = (self.driving, self.overtime, self.continuity, self.preference, self.scarcity)
        return round(sum(own) + self.fairness + self.fill + self.foresight, 1)

    def plus(self, other: Parts) -> Parts:
        """Of two therapists who come together."""
        return Parts(**{name: round(value + getattr(other, name), 1) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Workload:
    """Minutes that a therapist works on a day, beside the mean of those who could come."""

    minutes: int
    mean: float


class Ranking:
    """A practice's weights applied to one patient's offers; `scarce` is kept for patients who need it."""

    def __init__(self, policy: PlanningPolicy, preference: Preference, scarce: frozenset[str] = frozenset()) -> None:
        self._policy = policy
        self._preference = preference
        self._scarce = scarce

    def parts(self, therapist: Therapist, fit: Fit, work: Workload, shortest: int | None) -> Parts:
        """What one fit costs. `shortest` is how many minutes a gap must have to be of use; None: gaps do not count."""
        policy, above = self._policy, max(0.0, work.minutes - work.mean)
        return Parts(
            driving=fit.added_drive_minutes,
            overtime=fit.overtime_minutes * policy.overtime_factor,
            continuity=round(self._unfamiliar(therapist.id) * policy.continuity_minutes, 1),
            preference=policy.preference_minutes if self._is_second_choice(therapist.id) else 0,
            fairness=round(policy.unfairness * above, 1),
            fill=round(_wasted(fit.waits, shortest) * policy.fill_minutes, 1) if shortest else 0.0,
            scarcity=policy.scarce_skills_minutes if therapist.skills & self._scarce else 0,
        )

    def _unfamiliar(self, therapist_id: str) -> float:
        """0 for whoever treated the patient most often, 1 for whoever never did while others have."""
        visits = self._preference.visits
        most = max(visits.values(), default=0)
        return 1 - visits.get(therapist_id, 0) / most if most else 0.0

    def _is_second_choice(self, therapist_id: str) -> bool:
        preferred = self._preference.preferred
        return bool(preferred) and therapist_id not in preferred


def scarce_skills(therapists: Iterable[Therapist], needed: Iterable[str]) -> frozenset[str]:
    """What a visit does not need, and only some of those who could make it have learnt."""
    learnt = [therapist.skills for therapist in therapists]
    shared = frozenset[str].intersection(*learnt) if learnt else frozenset[str]()
    return frozenset[str]().union(*learnt) - shared - frozenset(needed)


def _wasted(waits: tuple[int, int], shortest: int) -> float:
    """How much of the two gaps beside a visit is lost, each as a share of a useful gap."""
    return sum(wait / shortest for wait in waits if wait < shortest)
