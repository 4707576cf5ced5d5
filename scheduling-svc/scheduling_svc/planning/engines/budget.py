"""How long an engine may search: rounds, which can be repeated exactly, or a moment on the clock."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

NO_END = 1 << 62


@dataclass(frozen=True)
class Budget:
    """`rounds` at most, and no longer than until `deadline` of time.monotonic(); None: no such limit."""

    rounds: int | None
    deadline: float | None

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self.most <= 0 or (self.deadline is not None and monotonic() >= self.deadline)

    @property
    def most(self) -> int:
        """Rounds at most."""
        return NO_END if self.rounds is None else self.rounds

    def share(self, of_rounds: float, of_time: float) -> tuple[int | None, float | None]:
        """A part of the rounds, and of the seconds from now on."""
        rounds = None if self.rounds is None else max(1, round(of_rounds * self.rounds))
        return rounds, None if self.deadline is None else max(0.0, of_time * (self.deadline - monotonic()))
