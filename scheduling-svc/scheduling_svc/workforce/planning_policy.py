"""What a practice finds worth how much driving when visits are offered and days are planned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanningPolicy:
    """Every part in minutes of driving that the practice would accept for it.

    continuity_minutes: that a patient sees the therapist who treated them before. preference_minutes: that they see one
    whom they prefer. change_of_hands_minutes: that a visit which was planned stays with its therapist.
    scarce_skills_minutes: that whoever has learnt what only some have stays free for those who need it.
    fill_minutes: that an offer leaves no gap too short for another visit. unfairness: per minute by which one
    therapist's work lies above the mean. overtime_factor: per minute past the end of a shift. foresight_weeks: how many
    past weeks tell from where patients will call, so that offers leave room for them; 0: nothing is expected.
    """

    continuity_minutes: int = 10
    preference_minutes: int = 20
    change_of_hands_minutes: int = 15
    fill_minutes: int = 5
    scarce_skills_minutes: int = 8
    unfairness: float = 0.05
    overtime_factor: int = 2
    foresight_weeks: int = 0
