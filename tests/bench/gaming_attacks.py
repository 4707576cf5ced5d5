"""Six ways to move one's own figures, scripted: what each adds to pay, and how often the watch sees it."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: two processes share two cores

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from measurement import Result, show
from outcomes_svc.gaming.kinds import Kind
from outcomes_svc.gaming.watch import FALSE_ALARMS, LIMITS, figures
from outcomes_svc.pay.money import figure
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import OutcomePart
from outcomes_svc.pay.share import share_rate
from outcomes_svc.performance.case_table import CaseTable
from outcomes_svc.performance.gates import GatePolicy, gates_of
from outcomes_svc.performance.judgement import judge
from outcomes_svc.performance.prediction import PredictionModel, fit_table
from outcomes_svc.simulation.attacks import ATTACKS, Attack, coach_without_trace
from outcomes_svc.simulation.generated_practice import two_years
from outcomes_svc.simulation.practice_spec import PracticeSpec
from outcomes_svc.simulation.watched_year import WatchedYear, live

WORLDS: Mapping[str, PracticeSpec] = {
    "40 therapists, ICC 0.02, 20 % lost": PracticeSpec(),
    "12 therapists, ICC 0.05, 8 % lost": PracticeSpec(therapists=12, icc=0.05, loss=0.08),
}
HONEST, ATTACKED = {40: 50, 12: 150}, {40: 30, 12: 80}
"""Practices by size; each attacked one has two attackers, one at a time."""
RAISED, RECALL = 0.5, 0.90
PART = OutcomePart(shadow_until=Month(2025, 12))
FIRST_HONEST, FIRST_ATTACKED = 1_000_000, 2_000_000
AIMED: Mapping[str, Kind] = {
    "sandbagged baselines": Kind.HIGH_BASELINES,
    "cherry-picking": Kind.SELECTED_INTAKE,
    "dropped failures": Kind.MISSING_ENDS,
    "instrument shopping": Kind.INSTRUMENT_CHOICE,
    "early discharge at a peak": Kind.EARLY_ENDS,
    "coached answers": Kind.UNUSUAL_ANSWERS,
    "coached in words alone": Kind.UNUSUAL_ANSWERS,
}
SCRIPTS: Mapping[str, Attack] = {**ATTACKS, "coached in words alone": coach_without_trace}
STRENGTH: Mapping[str, str] = {
    "sandbagged baselines": "60 % of baselines 1.5 points of 0-10 worse",
    "cherry-picking": "80 % of the least promising 30 % refused",
    "dropped failures": "slowest never asked again, down to 71 % followed up",
    "instrument shopping": "half of the slowest third switched to another condition",
    "early discharge at a peak": "a quarter of ends at the best of six scores",
    "coached answers": "40 % of unimproved ends lifted to just improved",
    "coached in words alone": "40 % of ends half an important change better, nothing else",
}
PValues = dict[Kind, float]


@dataclass(frozen=True)
class Trial:
    """One attacker: pay with the attack over pay without, in %, and the p of each kind."""

    name: str
    raised: float
    p: PValues


def world(spec: PracticeSpec, seed: int) -> tuple[np.random.Generator, WatchedYear, PredictionModel]:
    """An honest year, the model being fitted on the honest year before."""
    rng = np.random.default_rng(seed)
    before, after = two_years(spec, rng)
    model = fit_table(live(before, rng).paid, before.year)
    return rng, live(after, rng), model


def honest(job: tuple[PracticeSpec, int]) -> list[PValues]:
    """The p values of everybody in an honest practice."""
    spec, seed = job
    _, year, model = world(spec, seed)
    return p_values(year, model)


def p_values(year: WatchedYear, model: PredictionModel) -> list[PValues]:
    """By therapist and kind; 1 where a therapist cannot be judged."""
    found = figures(year.table, model)
    columns = {kind: np.nan_to_num(found.p(kind), nan=1.0) for kind in Kind}
    return [{kind: float(columns[kind][n]) for kind in Kind} for n in range(len(found.therapists))]


def attacked(job: tuple[PracticeSpec, int, float]) -> list[Trial]:
    """Each attack by two therapists of a practice, one at a time."""
    spec, seed, strength = job
    rng, year, model = world(spec, seed)
    before = rates(year.paid, model)
    trials = []
    for therapist in rng.choice(spec.therapists, 2, replace=False):
        for name, attack in SCRIPTS.items():
            after = attack(year, int(therapist), rng, strength)
            rate = rates(after.paid, model)[therapist]
            raised = 100 * ((1 + rate) / (1 + before[therapist]) - 1)
            trials.append(Trial(name, raised, p_values(after, model)[therapist]))
    return trials


def rates(cases: CaseTable, model: PredictionModel) -> list[float]:
    """The outcome part m of every therapist, as a statement comes to it: judged, gated, share_rate."""
    wanted = PART.gates
    policy = GatePolicy(
        n_eff=float(wanted.n_eff), reliability=float(wanted.reliability), follow_up=float(wanted.follow_up)
    )
    judgement = judge(cases, model)
    low, shrunk = judgement.low(policy), judgement.shrunk
    found = []
    for place in range(len(shrunk.effects)):
        passed = all(gate.passed for gate in gates_of(judgement.evidence(place, low), policy))
        own = figure(float(shrunk.effects[place])) if passed else Decimal(0)
        found.append(float(share_rate(PART, figure(float(shrunk.practice)), own)))
    return found


def limits_of(p: Sequence[PValues]) -> dict[Kind, float]:
    """The p below which 2 % of honest therapist-years lie, by kind."""
    return {kind: float(np.quantile([one[kind] for one in p], FALSE_ALARMS)) for kind in Kind}


def any_flag(p: PValues) -> bool:
    """Whether the watch as it ships would raise a flag of any kind."""
    return any(p[kind] <= LIMITS[kind] for kind in Kind)


def share(marks: Sequence[bool]) -> str:
    """In %, with how many it rests on; what misses the aim is not rounded up to it."""
    if not marks:
        return "none"
    percent = 100 * float(np.mean(marks))
    places = 1 if RECALL * 100 - 0.5 <= percent < RECALL * 100 else 0
    return f"{percent:.{places}f} % of {len(marks)}"


def row(place: str, strength: str, trials: list[Trial], limits: dict[Kind, float]) -> tuple[str, ...]:
    """One attack in one world at one strength."""
    name, kind = trials[0].name, AIMED[trials[0].name]
    raised = np.array([trial.raised for trial in trials])
    own = [trial.p[kind] <= limits[kind] for trial in trials]
    gained = [seen for seen, trial in zip(own, trials, strict=True) if trial.raised >= RAISED]
    shipped = [any_flag(trial.p) for trial in trials]
    shipped_gained = [seen for seen, trial in zip(shipped, trials, strict=True) if trial.raised >= RAISED]
    reached = not gained or np.mean(gained) >= RECALL
    harmless = [seen or trial.raised < RAISED for seen, trial in zip(own, trials, strict=True)]
    return (
        place,
        f"{name}, {strength}",
        f"{raised.mean():+.2f} / {np.percentile(raised, 95):+.2f}",
        share(own),
        share(gained) if reached else f"**{share(gained)}, missed**",
        f"{100 * np.mean(harmless):.0f} %",
        f"{share(shipped)} / {share(shipped_gained)}",
    )


def measure(scale: float) -> list[Result]:
    """Every world, attack and strength."""
    begun, rows, alarms = time.monotonic(), [], []
    with ProcessPoolExecutor(2) as pool:
        for number, (place, spec) in enumerate(WORLDS.items()):
            seeds = number * 100_000
            count, half = max(int(scale * HONEST[spec.therapists]), 5), max(int(scale * ATTACKED[spec.therapists]), 2)
            jobs = [(spec, FIRST_HONEST + seeds + n) for n in range(count)]
            p = [one for found in pool.map(honest, jobs) for one in found]
            limits = limits_of(p)
            nominal = max(100 * float(np.mean([one[kind] <= FALSE_ALARMS for one in p])) for kind in Kind)
            alarms.append(
                f"{place}: {len(p):,} honest therapist-years; as it ships the watch flags"
                f" {100 * np.mean([any_flag(one) for one in p]):.1f} % of them; a p of 0.02 is reached by at most"
                f" {nominal:.1f} % of them in any kind"
            )
            print(f"  {alarms[-1]}, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
            for strength, name, practices in ((1.0, "full", half), (0.5, "half", half // 2)):
                start = FIRST_ATTACKED + seeds + (50_000 if strength < 1 else 0)
                done = pool.map(attacked, [(spec, start + n, strength) for n in range(practices)])
                trials = [trial for found in done for trial in found]
                rows += [row(place, name, [one for one in trials if one.name == it], limits) for it in SCRIPTS]
                print(f"  {place}, {name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return [result(rows, alarms, time.monotonic() - begun)]


def result(rows: list[tuple[str, ...]], alarms: list[str], seconds: float) -> Result:
    """The table with what it rests on."""
    columns = (
        "practice",
        "attack, strength",
        "pay of who does it, %: mean / 95th percentile",
        "flagged by its own figure at 2 % false alarms",
        f"of those who gain {RAISED} % or more (aim >= 90 %)",
        f"gained under {RAISED} % or flagged",
        "by the watch as it ships: all / of those who gain",
    )
    notes = [
        "Full strength: " + "; ".join(f"{name}: {what}" for name, what in STRENGTH.items()) + ". Half strength is half"
        " of the share or of the shift.",
        "Pay is what judged and gated results come to on a statement (share_rate), with a model fitted on the year"
        " before; the limit of each kind is the p that 2 % of honest therapist-years reach, on other seeds. The watch"
        " as it ships shares 2 % among all six kinds together. "
        + ". ".join(alarms)
        + f". {seconds:.0f} s in two processes.",
        "How honest therapists differ in habits (simulation/watched_year.py) is assumed, not observed: recall on"
        " real data will differ. What is missed, and why, stands in docs/gaming-watch.md.",
    ]
    return Result("The six gaming attacks", "make bench ARGS='--only gaming_attacks'", columns, rows, notes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="how many practices, as a share of the usual")
    parser.add_argument("--json", action="store_true")
    show(measure(parser.parse_args().scale))
