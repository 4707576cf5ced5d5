"""Practices made up by a random generator: what is recorded, and the truth behind it. Pure.

Severity s (higher is worse) is not seen. The baseline is s plus a flare, which is why patients come just then and why
they would be better later without any treatment: regression to the mean. Treatment takes away what the patient's
covariates and severity let expect, plus what the practice (u) and the therapist (v) add; the rest is noise. Whether the
end is heard of hangs on the covariates, on the therapist's habit and on the outcome itself. All of it is in units in
which the residual standard deviation, given everything known before treatment, is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from scipy.special import expit, logit

from outcomes_svc.performance.case_table import UNKNOWN, CaseTable, Codes, Factor, Flags, Numbers
from outcomes_svc.results.episode_result import CaseMix, EpisodeResult
from outcomes_svc.simulation.clientele import Clientele, arrive
from outcomes_svc.simulation.generated_scale import CONDITIONS, SCALES
from outcomes_svc.simulation.practice_spec import PracticeSpec, Staff, hire

_SEVERITY_SPREAD = 0.85
_FLARE, _FLARE_SPREAD = 0.3, 0.5
_HEADROOM = 0.3
"""How much more somebody gains per unit of severity."""
_KNOWN_SHARE = _SEVERITY_SPREAD**2 / (_SEVERITY_SPREAD**2 + _FLARE_SPREAD**2)
_UNSEEN = (1 - _HEADROOM) ** 2 * _SEVERITY_SPREAD**2 * (1 - _KNOWN_SHARE)
_NOISE = float(np.sqrt(1 - _UNSEEN))
"""With the severity that a baseline leaves open, this makes a residual variance of 1."""
_SCALE_OF = np.array([CONDITIONS[name] for name in CONDITIONS])


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What nobody in the practice can see.

    `practice_effect` u and `therapist_effects` v, shape (T,), in residual standard deviations; v has mean 0.
    `expected` and `change` per episode, shape (n,), in units of severity: what an average therapist would have
    achieved, and what happened, lost or not. `difficulty` per therapist, shape (T,): minus the mean of `expected`.
    """

    practice_effect: float
    therapist_effects: Numbers
    expected: Numbers
    change: Numbers
    difficulty: Numbers


@dataclass(frozen=True, kw_only=True)
class GeneratedPractice:
    """One year of a practice: the columns that prediction needs, middle scores, and the truth."""

    year: int
    table: CaseTable
    mid_course: Numbers
    end: Numbers
    truth: Truth

    @property
    def rows(self) -> list[EpisodeResult]:
        """The same as rows, as results.store would give them; made anew each time."""
        return [_row(self, place) for place in range(len(self.table))]


def generate(
    spec: PracticeSpec, rng: np.random.Generator, *, staff: Staff | None = None, effect: float = 0.0, year: int = 2026
) -> GeneratedPractice:
    """One year of a practice; the same generator state gives the same practice.

    `staff` keeps the therapists of another year, `effect` is what the practice as a whole adds (u).
    """
    staff = hire(spec, rng) if staff is None else staff
    episodes = rng.integers(spec.least_episodes, spec.most_episodes + 1, len(staff))
    clientele = arrive(staff, episodes, float(rng.normal(0, spec.drift)), rng)
    return _treated(spec, rng, staff, effect, year, clientele)


def two_years(spec: PracticeSpec, rng: np.random.Generator) -> tuple[GeneratedPractice, GeneratedPractice]:
    """A year to fit a model on and the year after, with the same therapists; u is how the practice moved between."""
    staff = hire(spec, rng)
    effect = float(rng.normal(0, spec.practice_spread))
    before = generate(spec, rng, staff=staff, year=2025)
    return before, generate(spec, rng, staff=staff, effect=effect, year=2026)


def _treated(
    spec: PracticeSpec, rng: np.random.Generator, staff: Staff, effect: float, year: int, clientele: Clientele
) -> GeneratedPractice:
    therapist, number = clientele.therapist, len(clientele.therapist)
    usual = clientele.severity() + staff.severity[therapist]
    severity = usual + rng.normal(0, _SEVERITY_SPREAD, number)
    baseline = severity + rng.normal(_FLARE, _FLARE_SPREAD, number)
    recovery = clientele.recovery() - 0.06 * np.maximum(baseline - 1, 0) ** 2
    added = effect + staff.effects[therapist]
    gain = recovery + _HEADROOM * severity + added
    end = severity - gain + rng.normal(0, _NOISE, number)
    middle = severity - 0.6 * gain + rng.normal(0, _NOISE, number)
    likely = usual + _KNOWN_SHARE * (baseline - _FLARE - usual)
    expected = baseline - likely + recovery + _HEADROOM * likely
    lost = rng.random(number) < _loss(spec, staff, clientele, baseline - end)
    scale = _SCALE_OF[clientele.condition]
    scores = {name: _scores(scale, values) for name, values in {"b": baseline, "m": middle, "e": end}.items()}
    better = np.array([float(one.better) for one in SCALES])[scale]
    seen_end = np.where(lost, np.nan, scores["e"])
    pain = np.clip(np.round(5.5 + 1.3 * baseline + rng.normal(0, 1.2, number)), 0, 10)
    columns: dict[str, Any] = clientele.known(spec.gaps, rng)
    table = CaseTable(
        therapist=Factor(levels=tuple(f"t-{n + 1:03d}" for n in range(len(staff))), codes=therapist),
        measure=Factor(levels=tuple(f"{one.name}.v1" for one in SCALES), codes=scale),
        baseline=scores["b"],
        better=better,
        change=better * (seen_end - scores["b"]),
        pain=np.where(rng.random(number) < spec.gaps / 2, np.nan, pain),
        **columns,
    )
    counts = np.bincount(therapist, minlength=len(staff))
    truth = Truth(
        practice_effect=effect,
        therapist_effects=staff.effects,
        expected=expected,
        change=baseline - end,
        difficulty=-np.bincount(therapist, expected, minlength=len(staff)) / counts,
    )
    return GeneratedPractice(year=year, table=table, mid_course=scores["m"], end=seen_end, truth=truth)


def _loss(spec: PracticeSpec, staff: Staff, clientele: Clientele, change: Numbers) -> Numbers:
    """The probability of being lost: hangs on age, duration and payer, on the therapist, and on how it went."""
    odds = (
        logit(spec.loss)
        - 0.015 * (clientele.age - 50)
        + 0.3 * (clientele.weeks < 6)
        + 0.3 * (clientele.payer == 3)
        + staff.loss[clientele.therapist]
        - spec.loss_by_outcome * (change - 0.9)
    )
    chance: Numbers = expit(odds)
    return chance


def _scores(scale: Codes, severity: Numbers) -> Numbers:
    scores = np.empty(len(severity))
    for place, one in enumerate(SCALES):
        rows: Flags = scale == place
        scores[rows] = one.scores(severity[rows])
    return scores


def _row(practice: GeneratedPractice, place: int) -> EpisodeResult:
    table = practice.table
    scale = SCALES[table.measure.codes[place]]
    start = datetime(practice.year, 1, 1, 9, tzinfo=UTC)
    opened = start + timedelta(days=(place * 97) % 365)
    end = _number(practice.end[place])
    sessions = 4 + place % 6
    name = f"{practice.year}-e-{place + 1:05d}"
    return EpisodeResult(
        episode_id=name,
        patient_id=f"{practice.year}-p-{place + 1:05d}",
        therapist_id=table.therapist.levels[table.therapist.codes[place]],
        location_id="l-1",
        setting=_level(table.setting, place) or "clinic",
        condition=_level(table.condition, place) or "unspecified",
        instrument=scale.name,
        instrument_version="1",
        better=scale.better,
        opened_at=opened,
        closed_at=opened + timedelta(days=70),
        sessions=sessions,
        session_ids=tuple(f"{name}-s-{n + 1}" for n in range(sessions)),
        case_mix=_case_mix(table, place),
        baseline=float(table.baseline[place]),
        baseline_at=opened - timedelta(hours=1),
        baseline_score_id=f"{name}-baseline",
        mid_course=float(practice.mid_course[place]),
        end=end,
        end_at=None if end is None else opened + timedelta(days=63),
        end_score_id=None if end is None else f"{name}-end",
    )


def _case_mix(table: CaseTable, place: int) -> CaseMix:
    age, comorbidities = _number(table.age[place]), _number(table.comorbidities[place])
    surgery = _level(table.surgery, place)
    return CaseMix(
        age=None if age is None else int(age),
        sex=_level(table.sex, place),
        symptom_weeks=_number(table.symptom_weeks[place]),
        surgery=None if surgery is None else surgery == "yes",
        comorbidities=None if comorbidities is None else int(comorbidities),
        baseline_pain=_number(table.pain[place]),
        payer=_level(table.payer, place),
        prior_episode=_level(table.prior_episode, place) == "yes",
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _level(factor: Factor, place: int) -> str | None:
    code = int(factor.codes[place])
    return None if code == UNKNOWN else factor.levels[code]
