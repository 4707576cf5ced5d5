"""Tables of `fascia pay simulate`, for a terminal of 100 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from outcomes_svc.performance.performance import TherapistPerformance
from outcomes_svc.simulation.practice_spec import PracticeSpec
from outcomes_svc.simulation.simulate import PLAN, RAW, RESPONDERS, WAYS, Example, Tally
from outcomes_svc.simulation.ways_of_paying import PayRule

_GATES = {"n_eff": "episodes", "reliability": "reliability", "follow_up": "follow-up", "sign": "the unseen"}


def show_past(answer: Mapping[str, Any]) -> None:
    """What the plan would have paid on a practice's own history."""
    print(f"\n  Episodes that opened from {answer['from']} until {answer['until']} (the day itself not among them)")
    how = "frozen" if answer["model_source"] == "frozen" else "fitted for this simulation; none is frozen"
    print(f"  Model of {answer['model_year']}, version {answer['model_version']} ({how})")
    practice, error = answer["practice_effect"], answer["standard_error"]
    print(f"  Practice {practice:+.3f} (standard error {error:.3f}), between therapists {answer['tau2']:.4f}")
    for reason, count in answer["excluded"].items():
        print(f"  {count} episodes do not count: {reason.replace('_', ' ')}")
    currency = answer["currency"]
    money = f"{'BASE':>12}{'WOULD GET':>12}" if currency else ""
    print(f"\n  {'THERAPIST':<38}{'EPISODES':>9}{'HEARD OF':>9}{'L':>6}{'OWN':>8}{'ADDS':>8}{money}  OWN RESULTS")
    for one in answer["therapists"]:
        rate = f"{100 * float(one['rate']):.2f} %"
        paid = f"{one['base']:>12}{one['amount']:>12}" if currency else ""
        left = f"{one['therapist_id']:<38}{one['episodes']:>9}{one['followed_up']:>9}{one['reliability']:>6.2f}"
        missed = [gate["name"] for gate in one["gates"] if not gate["passed"]]
        print(f"  {left}{one['effect']:>+8.3f}{rate:>8}{paid}  {_verdict(missed)}")
    if currency:
        print(f"\n  Money in {currency}: base pay of the sessions in the same days, and what would be added.")
    else:
        print("\n  There is no pay plan yet, so shares of base pay are shown and no money.")


def show_ways(spec: PracticeSpec, practices: int, seed: int, tallies: Mapping[str, Tally]) -> None:
    """The three ways of paying, side by side."""
    print(f"\n  {practices} practices of {spec.therapists} therapists, ICC {spec.icc:g}, seed {seed}\n")
    print(f"  {'PAID BY':<14}{'PAY ERROR':>12}{'OWN BONUS':>12}{'OF THESE BELOW':>18}{'r WITH DIFFICULTY':>20}")
    print(f"  {'':<14}{'% of base':>12}{'% of all':>12}{'average, %':>18}{'':>20}")
    for way in WAYS:
        tally = tallies[way]
        got = 100 * tally.bonuses / tally.therapists
        wrong = f"{100 * tally.bonuses_wrong:.1f}" if tally.bonuses else "-"
        line = f"{100 * tally.error:>12.2f}{got:>12.1f}{wrong:>18}{tally.overall.correlation:>20.3f}"
        print(f"  {way:<14}{line}")
    others = [f"{100 * (1 - tallies[PLAN].error / tallies[way].error):.0f} % below {way}" for way in (RAW, RESPONDERS)]
    print(f"\n  The plan's pay error is {' and '.join(others)}.")


def show_example(example: Example, rule: PayRule) -> None:
    """The first practice, therapist by therapist, with the truth beside it."""
    found, truth = example.performance, example.truth
    print(f"\n  The first of them: practice {found.effect:+.3f} (in truth {truth.practice_effect:+.3f})\n")
    head = f"{'THERAPIST':<11}{'EPISODES':>9}{'HEARD OF':>9}{'L':>6}{'OWN':>8}{'TRUTH':>8}{'ADDS':>8}{'FAIR':>8}"
    print(f"  {head}  OWN RESULTS")
    fair = rule.shares(truth.practice_effect, truth.therapist_effects)
    for place, one in enumerate(found.therapists):
        adds = f"{100 * example.shares[place]:.2f} %"
        due = f"{100 * fair[place]:.2f} %"
        left = f"{one.therapist_id:<11}{one.episodes:>9}{one.followed_up:>9}{one.reliability:>6.2f}{one.effect:>+8.3f}"
        print(f"  {left}{truth.therapist_effects[place]:>+8.3f}{adds:>8}{due:>8}  {_verdict(_missed(one))}")


def _missed(one: TherapistPerformance) -> list[str]:
    return [gate.name for gate in one.gates if not gate.passed]


def _verdict(missed: list[str]) -> str:
    return f"not counted: {', '.join(_GATES[name] for name in missed)}" if missed else "counted"
