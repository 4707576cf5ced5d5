"""Who gave a set of answers. Only the patient's own count for results and pay. Pure."""

from __future__ import annotations

from enum import StrEnum


class AnsweredBy(StrEnum):
    """`patient`: behind a signed link or a patient's login. `therapist`: taken down by staff in an evaluation or
    a session. `unknown`: another system handed the answers over and did not say.
    """

    PATIENT = "patient"
    THERAPIST = "therapist"
    UNKNOWN = "unknown"
