"""A session as outcomes-svc keeps it: a projection of session.completed and session.amended. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

NO_CONDITION = "unspecified"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Answers taken in the session, with the instrument version that was current when they first arrived.

    `version` is None for an instrument that did not ship then.
    """

    instrument: str
    version: str | None
    answers: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class TreatedSession:
    """The latest known state of a signed session. `version` is the note's: a higher one replaces a lower one."""

    id: str
    version: int
    patient_id: str
    therapist_id: str
    appointment_id: str
    claim_id: str | None
    location_id: str | None
    setting: str
    service_type: str
    condition_codes: tuple[str, ...]
    started_at: datetime
    ended_at: datetime
    signed_at: datetime
    treated_minutes: int
    measures: tuple[Measure, ...]
    episode_id: str | None = None

    @property
    def condition(self) -> str:
        """What the session's episode is about."""
        return condition_of(self.condition_codes)


def condition_of(codes: Sequence[str]) -> str:
    """The ICD-10-CM category (three characters) of the first code: the reason for treatment, without its laterality."""
    return codes[0][:3].upper() if codes else NO_CONDITION
