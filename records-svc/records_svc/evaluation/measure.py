"""What patients answer about themselves, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """A patient's answers to one instrument, numbers only. A missing item is left out, never zero."""

    instrument: str
    answers: Mapping[str, float]

    def published(self) -> dict[str, Any]:
        """As events carry it."""
        return {"instrument": self.instrument, "answers": dict(self.answers)}
