"""Many chains while processes are killed all along; `make soak`. FASCIA_SOAK_CHAINS sets how many (default 2000)."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from breaking import Blow, Breaker, evenly, kill, many
from chains import Player
from checker import Checker
from metering import Meter
from outside import Brokers, brokers, fast_database
from persistence import Patience, PersistentCast
from practice import build
from running_suite import RunningSuite, running_suite
from telling import Telling

CHAINS = int(os.environ.get("FASCIA_SOAK_CHAINS", "2000"))
THREADS = 24
# The slowest machine that this is meant for plays a chain in five seconds, kills included.
PATIENCE_SECONDS = 300.0 + 5.0 * CHAINS
SETTLE_SECONDS = 180.0
PROCESS_KILLS = max(16, CHAINS // 20)
BACKING_KILLS = max(2, CHAINS // 500)


def play(suite: RunningSuite, blows: Iterable[Blow], dice: random.Random, seed: int) -> None:
    """Play all chains under blows at the processes and the given ones; nothing may be wrong at the end."""
    began = time.monotonic()
    known = suite.description()
    patience = Patience(PATIENCE_SECONDS)
    practice = build(PersistentCast(known, "setup", patience), CHAINS)
    player = Player(known, practice, "soak", patience)
    breaker = Breaker([*many(suite, PROCESS_KILLS, dice), *blows], player.progress)
    meter = Meter(known)
    told = Telling(player, breaker, meter, every=15.0)
    with breaker, meter, told:
        played = player.play(CHAINS, THREADS)
        breaker.finish(120)
        faults = Checker(known, practice).settle(played, SETTLE_SECONDS)
    told.say(f"{CHAINS} chains, {breaker.kills} kills, {time.monotonic() - began:.0f} s, {len(faults)} faults")
    for fault in faults[:50]:
        told.say(str(fault))

    assert not faults, f"random seed {seed}\n{suite.said()}"
    assert not breaker.missed
    assert suite.alive


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_chains_survive_kills_all_along(tmp_path: Path) -> None:
    seed = time.time_ns()
    dice = random.Random(seed)
    with running_suite(tmp_path / "run") as suite:
        backing = [
            blow
            for name in ("broker", "database")
            for blow in evenly(name, [lambda name=name: kill(suite, name)] * BACKING_KILLS)
        ]
        play(suite, backing, dice, seed)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_chains_survive_the_loss_of_leaders_on_apache_kafka(tmp_path: Path) -> None:
    seed = time.time_ns()
    dice = random.Random(seed)
    with (
        brokers(tmp_path / "kafka") as cluster,
        fast_database(tmp_path / "mongo") as database,
        running_suite(tmp_path / "run", "--kafka", cluster.bootstrap, "--mongodb", database.uri) as suite,
    ):
        leaders = evenly("leader", cluster.in_turn(max(Brokers.COUNT, 2 * BACKING_KILLS)))
        lost_database = evenly("database", [database.restart] * BACKING_KILLS)
        play(suite, [*leaders, *lost_database], dice, seed)
