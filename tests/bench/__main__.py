"""`make bench`: every benchmark in one run, written to docs/benchmarks.md.

Each benchmark runs on the embedded set and, where the tools are there ($FASCIA_TOOLS or ../shared/tools), again on
Apache Kafka and a faster database.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from measurement import Result, machine

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
BENCHMARKS = (
    "event_path",
    "bookings",
    "slot_race",
    "scoring_forms",
    "scored_events",
    "pay_simulation",
    "pay_replay",
    "gaming_attacks",
    "vrptw",
    "travel_times",
    "planning_growth",
    "disruptions",
    "online_slotting",
)
NEEDS_NO_SERVERS = (
    "scoring_forms",
    "pay_simulation",
    "gaming_attacks",
    "vrptw",
    "travel_times",
    "disruptions",
    "planning_growth",
)
HEAD = """# Benchmarks

Made by `make bench` on {machine}. Each figure stands beside a raw ceiling or a peer that ran in the same run
on the same machine: compare the ratios, the numbers themselves move with the machine. "Embedded" is what `make run`
starts (Tansu, SecantusDB); it proves function, not speed. "Apache Kafka" is one broker of Apache Kafka 4; the "faster
database" is a MongoDB-compatible server in Rust.

"""


def main() -> int:
    """Run what is wanted; exit 1 when a benchmark fails."""
    options = _options()
    results: list[Result] = []
    for name in options.only or BENCHMARKS:
        for label, prefix in _server_sets(options.embedded_only or name in NEEDS_NO_SERVERS):
            print(f"{name} on {'no servers' if name in NEEDS_NO_SERVERS else label} ...", flush=True)
            results += _run(name, prefix)
            _write(results)
    print(f"written to {PAGE.relative_to(ROOT)}")
    return 0


def _write(results: list[Result]) -> None:
    """After each benchmark, so that one that fails does not take the others with it.

    A section that was not measured again stays as it was, with the day on which it was measured.
    """
    head = HEAD.format(machine=machine())
    kept = _sections(PAGE.read_text()) if PAGE.exists() else {}
    kept |= {result.title: f"{result.markdown()}\nMeasured on {datetime.now(UTC).date()}.\n" for result in results}
    PAGE.write_text(head + "\n".join(kept.values()))


def _sections(page: str) -> dict[str, str]:
    """The sections of the page by title."""
    parts = page.split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.strip()}\n" for part in parts}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=BENCHMARKS)
    parser.add_argument("--embedded-only", action="store_true")
    return parser.parse_args()


def _server_sets(embedded_only: bool) -> list[tuple[str, list[str]]]:
    sets: list[tuple[str, list[str]]] = [("the embedded set", [])]
    tools = Path(os.environ.get("FASCIA_TOOLS", ROOT.parent / "shared" / "tools"))
    kafka, database = tools / "kafka", tools / "mongo-fast"
    if embedded_only:
        return sets
    if not (kafka.exists() and database.exists()):
        print("Apache Kafka and the faster database are not here: measured on the embedded set alone", flush=True)
        return sets
    return [*sets, ("Apache Kafka", [str(kafka), "with", "--", str(database), "with", "--"])]


def _run(name: str, prefix: list[str]) -> list[Result]:
    command = [*prefix, sys.executable, str(HERE / f"{name}.py"), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    rows = json.loads(done.stdout.splitlines()[-1])
    return [Result(**{**row, "columns": tuple(row["columns"])}) for row in rows]


if __name__ == "__main__":
    sys.exit(main())
