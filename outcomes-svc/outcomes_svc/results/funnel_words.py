"""What a funnel says, in plain words. Pure."""

from __future__ import annotations

from collections import Counter

from outcomes_svc.results.breakdown import By
from outcomes_svc.results.control_limits import ACTION, FEWEST_GROUPS, WARNING
from outcomes_svc.results.funnel import Funnel, Measure, Position
from outcomes_svc.results.suppression import SMALLEST

_GROUPS = {By.THERAPIST: ("therapist", "therapists"), By.LOCATION: ("location", "locations")}
_ABOVE, _BELOW = (Position.ABOVE, Position.FAR_ABOVE), (Position.BELOW, Position.FAR_BELOW)


def headline(found: Funnel) -> str:
    """One sentence: how many lie outside, and on which side."""
    counts = Counter(point.position for point in found.points)
    one, many = _GROUPS[found.by]
    total = len(found.points)
    if total == 1:
        return f"There is one {one} to show, and nobody to compare with."
    outside = total - counts[Position.WITHIN]
    if not outside:
        return f"All {total} {many} lie within the limits: nobody stands out."
    above, below = (sum(counts[each] for each in side) for side in (_ABOVE, _BELOW))
    parts = [f"{count} {side}" for count, side in ((above, "above"), (below, "below")) if count]
    verb = "lies" if outside == 1 else "lie"
    return f"{outside} of {total} {many} {verb} outside the 95% limits: {' and '.join(parts)}."


def notes(found: Funnel) -> list[str]:
    """How to read it: what the limits are, what chance does to so many groups, and what was checked."""
    return [_basis(found), _multiplicity(found), _dispersion(found), *_case_mix(found), *_hidden(found)]


def _basis(found: Funnel) -> str:
    if found.measure is Measure.IMPROVED:
        return (
            f"The middle line is the practice's own share of improved episodes, {found.target:.0%}. It is not adjusted "
            "for how hard the cases were: somebody who treats harder ones will lie lower here for that reason alone."
        )
    return (
        "The value is what patients reached beyond the prediction for patients like them, in residual standard "
        f"deviations; the middle line is the practice's own mean, {found.target:+.2f}. Who was lost to follow-up is "
        "stood for by similar patients who answered."
    )


def _multiplicity(found: Funnel) -> str:
    groups = len(found.points)
    one, many = _GROUPS[found.by]
    inner, outer = groups * (1 - WARNING), groups * (1 - ACTION)
    any_inner = 1 - WARNING**groups
    named = one if groups == 1 else many
    return (
        f"If nobody differed at all, chance alone would still put about {inner:.1f} of {groups} {named} outside the "
        f"95% limits (at least one with a probability of {any_inner:.0%}) and {outer:.2f} outside the 99.8% limits. "
        "Outside 95% is a reason to look, not a finding; outside 99.8% is a reason to look soon."
    )


def _dispersion(found: Funnel) -> str:
    tested = found.overdispersion
    if tested.p_value is None or tested.phi is None:
        return (
            f"With fewer than {FEWEST_GROUPS} groups it cannot be tested whether they all differ by more than chance, "
            "so the limits were not widened for it."
        )
    chance = "p < 0.001" if tested.p_value < 0.001 else f"p = {tested.p_value:.3f}"
    measured = f"phi = {tested.phi:.2f}, {chance}"
    if tested.widened:
        return (
            f"Groups differ by more than chance ({measured}), as they do where something matters that is not measured. "
            f"The limits were therefore widened to {tested.stretch:.2f} times their distance from the middle."
        )
    return f"Groups do not differ by more than chance explains ({measured}); the limits were not widened."


def _case_mix(found: Funnel) -> list[str]:
    checked = found.case_mix
    if checked is None:
        return []
    if checked.holds is None:
        return [f"With {checked.episodes} episodes it cannot be checked whether the prediction fits."]
    if checked.holds:
        return [f"The prediction was checked on {checked.episodes} episodes: hard and easy cases meet it alike."]
    return [
        f"Caution: on these {checked.episodes} episodes the prediction is off for hard or for easy cases (correlation "
        f"{checked.correlation:+.2f} with what was predicted). Compare only those who treat similar patients."
    ]


def _hidden(found: Funnel) -> list[str]:
    if not found.hidden:
        return []
    named = _GROUPS[found.by][0 if found.hidden == 1 else 1]
    why = f"fewer than {SMALLEST} episodes, or needed to keep such a one from being computed"
    return [f"{found.hidden} {named} not shown: {why}."]
