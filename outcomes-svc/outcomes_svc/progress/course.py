"""The course of one instrument in one episode: its scores in order, and what they say together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from outcomes_svc.episodes.episode import Primary
from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.scoring.score import Score, ScoreState
from outcomes_svc.scoring.signals import Signals, in_order, signals

ABOUT_FUNCTION = (
    "BCTQ",
    "FIQR",
    "LEFS",
    "NDI",
    "ODI",
    "PEG",
    "PSFS",
    "QuickDASH",
    "RMDQ",
    "promis-ability-social-roles",
    "promis-pain-interference",
    "promis-physical-function",
)
"""Beginnings of the ids of instruments that ask what a person can do or what hinders them: payers want progress in
function shown, not in pain alone. Which ones these are is a choice of this project, from what their items ask."""


@dataclass(frozen=True)
class Thresholds:
    """What a change is held against, in points (the share of the baseline: 0 to 1); None where no source gives it."""

    mic: float | None
    mic_share: float | None
    mdc: float | None


@dataclass(frozen=True)
class InstrumentCourse:
    """At least one score of one version of an instrument, in order of time. `primary`: the episode is judged by it."""

    instrument: Instrument
    primary: bool
    scores: tuple[Score, ...]

    @cached_property
    def signals(self) -> Signals:
        """What they say together; worked out when first asked for."""
        return signals(self.scores, self.instrument)

    @property
    def baseline(self) -> Score:
        """The first score, which later ones are compared with."""
        return self.scores[0]

    @property
    def current(self) -> Score:
        """The latest score; the baseline itself where there is no other."""
        return self.scores[-1]

    @property
    def thresholds(self) -> Thresholds:
        """The instrument's own."""
        mic, mdc = self.instrument.mic, self.instrument.mdc
        return Thresholds(
            mic=float(mic.absolute) if mic else None,
            mic_share=float(mic.relative) if mic and mic.relative is not None else None,
            mdc=float(mdc.score) if mdc else None,
        )

    @property
    def about_function(self) -> bool:
        """Whether it says what a person can do."""
        return self.instrument.id.startswith(ABOUT_FUNCTION)


def courses(scores: Iterable[Score], primary: Primary, catalogue: Catalogue) -> list[InstrumentCourse]:
    """The courses of an episode's scores: the primary instrument first, then by id and version.

    Refused and withdrawn scores are left out; an instrument without a score has no course.
    """
    listed = [score for score in scores if score.state is ScoreState.SCORED]
    known = {(score.instrument, score.instrument_version or "") for score in listed}
    found = []
    for id_, version in sorted(known, key=lambda key: (key != (primary.instrument, primary.version), key)):
        instrument = catalogue.find(id_, version)
        if instrument is not None:
            is_primary = (id_, version) == (primary.instrument, primary.version)
            found.append(InstrumentCourse(instrument, is_primary, tuple(in_order(listed, instrument))))
    return found
