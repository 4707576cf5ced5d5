"""`fascia pay simulate`: show what a pay plan would have paid, before it is switched on."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fascia.devset import issuing
from fascia.devset.rest import Rest, RestError
from fascia.devset.run_dir import DEFAULT, NotRunningError, RunDir
from fascia.web.principal import Role
from outcomes_svc.cli import pay_tables
from outcomes_svc.performance.gates import GatePolicy
from outcomes_svc.performance.prediction import NotEnoughEpisodes
from outcomes_svc.performance.publication import SETTLED
from outcomes_svc.simulation.practice_spec import PracticeSpec
from outcomes_svc.simulation.simulate import each_practice, empty, example
from outcomes_svc.simulation.ways_of_paying import PayRule

_MOST_PRACTICES = 1_000_000
_YEAR = timedelta(days=365)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose episodes: the practice's own, or those of made-up practices; and which outcome part."""
    parser.description = (
        "Without --practices: on the practice's own history, from the running suite."
        " With it: on so many made-up practices, whose truth is known."
    )
    own = parser.add_argument_group("on the practice's own history")
    own.add_argument("--from", dest="opened_from", type=date.fromisoformat, metavar="DAY", help="first day of opening")
    own.add_argument("--until", dest="opened_until", type=date.fromisoformat, metavar="DAY", help="first day after")
    own.add_argument("--outcomes-url", help="address of outcomes-svc (default: the running suite's)")
    own.add_argument("--token", help="token of an admin (default: $FASCIA_TOKEN, then one of the suite's issuer)")
    own.add_argument("--practice", help="practice id of the suite's token (default: the demo practice)")
    own.add_argument("--run-dir", type=Path, default=DEFAULT, help="the suite's folder (default: .run)")
    made = parser.add_argument_group("on made-up practices")
    made.add_argument("--practices", type=_count(_MOST_PRACTICES), metavar="N", help="how many")
    made.add_argument("--icc", type=_share, default=0.02, help="share of variance between therapists (default: 0.02)")
    made.add_argument("--therapists", type=_count(500), default=40, help="therapists in a practice (default: 40)")
    made.add_argument("--seed", type=int, default=1, help="the same seed makes the same practices (default: 1)")
    part = parser.add_argument_group("the outcome part (default: the practice's plan, or that of a new plan)")
    part.add_argument("--max-share", type=_share, help="largest share of base pay, such as 0.10")
    part.add_argument("--practice-weight", type=_share, help="weight of the practice's results, such as 0.7")
    part.add_argument("--full-effect", type=_effect, help="effect that earns the whole share, such as 0.2")


def run(args: argparse.Namespace) -> int:
    """0: shown. 1: the service refused, or there is too little to go by. 2: nobody could be asked."""
    if args.practices is not None:
        return _generated(args)
    try:
        url, token = _destination(args)
        until = args.opened_until or datetime.now(UTC).date() - SETTLED
        body = {"from": str(args.opened_from or until - _YEAR), "until": str(until), "outcome": _tried(args)}
        pay_tables.show_past(Rest(url.rstrip("/"), token).post("/v1/pay/simulations", body).body)
    except (NotRunningError, RestError) as failure:
        print(f"fascia pay simulate: {_reason(failure)}", file=sys.stderr)
        return 1 if getattr(failure, "status", 0) else 2
    return 0


def _reason(failure: Exception) -> str:
    """One line; where the service refused, its own words."""
    problem = getattr(failure, "body", None)
    if not isinstance(problem, dict):
        return str(failure)
    too_few = problem.get("code") == "not-enough-episodes"
    hint = " Until there is a history: fascia pay simulate --practices 100" if too_few else ""
    return f"{problem.get('detail')}{hint}"


def _generated(args: argparse.Namespace) -> int:
    spec = PracticeSpec(icc=args.icc, therapists=args.therapists)
    rule, policy = _rule(args), GatePolicy()
    seeds = range(args.seed, args.seed + args.practices)
    tallies = empty()
    try:
        for done, _ in enumerate(each_practice(spec, seeds, rule, policy, tallies), start=1):
            _progress(done, args.practices)
    except NotEnoughEpisodes as failure:
        print(f"fascia pay simulate: {failure.detail} Name more --therapists.", file=sys.stderr)
        return 1
    pay_tables.show_ways(spec, args.practices, args.seed, tallies)
    pay_tables.show_example(example(spec, args.seed, rule, policy), rule)
    return 0


def _rule(args: argparse.Namespace) -> PayRule:
    given = _given(args)
    return PayRule(
        max_share=given.get("max_share", PayRule.max_share),
        practice=given.get("practice_weight", PayRule.practice),
        therapist=1 - given.get("practice_weight", PayRule.practice),
        full_effect=given.get("full_effect", PayRule.full_effect),
    )


def _tried(args: argparse.Namespace) -> dict[str, Any] | None:
    """The outcome part for the service; None where nothing was asked for, so that the practice's plan holds."""
    given: dict[str, Any] = {name: str(value) for name, value in _given(args).items()}
    if "practice_weight" in given:
        given["therapist_weight"] = str(round(1 - args.practice_weight, 6))
    return given or None


def _given(args: argparse.Namespace) -> dict[str, float]:
    named = {name: getattr(args, name) for name in ("max_share", "practice_weight", "full_effect")}
    return {name: value for name, value in named.items() if value is not None}


def _progress(done: int, total: int) -> None:
    """On a terminal a line that counts; elsewhere a line at each tenth of a long run."""
    if sys.stdout.isatty():
        print(f"\r  {done} of {total} practices", end="\n" if done == total else "", flush=True)
    elif total >= 100 and done * 10 // total > (done - 1) * 10 // total:
        print(f"  {done} of {total} practices", flush=True)


def _destination(args: argparse.Namespace) -> tuple[str, str]:
    url, token = args.outcomes_url, args.token or os.environ.get("FASCIA_TOKEN")
    if url and token:
        return url, token
    suite = RunDir(args.run_dir).read_suite()
    practice = args.practice or suite["practice"]
    return url or suite["urls"]["outcomes"], token or issuing.token(suite["urls"]["issuer"], Role.ADMIN, practice)


def _count(most: int) -> Any:
    def read(text: str) -> int:
        number = int(text)
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between 1 and {most}")
        return number

    read.__name__ = "number"
    return read


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to under 1")
    return value


def _effect(text: str) -> float:
    value = float(text)
    if not 0 < value <= 3:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 3")
    return value
