"""Every process killed once while chains run: all of them come to their end, and nothing happened twice."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from breaking import PROCESSES, Breaker, each_once
from chains import Player
from checker import Checker
from metering import Meter
from persistence import Patience, PersistentCast
from practice import build
from running_suite import running_suite
from telling import Telling

CHAINS = 30
THREADS = 10
# All kills fall early, so that what they lock is locked at the same time.
KILL_SECONDS = 20.0
BACKING = ("broker", "database")


@pytest.mark.embedded
@pytest.mark.timeout(400)
def test_chains_survive_the_death_of_every_process(tmp_path: Path) -> None:
    seed = time.time_ns()
    dice = random.Random(seed)
    with running_suite(tmp_path / "run") as suite:
        known = suite.description()
        patience = Patience(240)
        practice = build(PersistentCast(known, "setup", patience), CHAINS)
        player = Player(known, practice, "short", patience)
        blows = each_once(suite, (*PROCESSES, *BACKING), dice)
        breaker, meter = Breaker(blows, player.progress, KILL_SECONDS), Meter(known)
        with breaker, meter, Telling(player, breaker, meter):
            played = player.play(CHAINS, THREADS)
            breaker.finish(60)
            faults = Checker(known, practice).settle(played, 100)

        assert faults == [], f"random seed {seed}\n{suite.said()}"
        assert sorted(breaker.struck) == sorted((*PROCESSES, *BACKING)), f"missed: {breaker.missed}, seed {seed}"
        assert suite.alive
