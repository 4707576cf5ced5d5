"""What every benchmark shares: percentiles, the machine, and the table of results."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass
class Result:
    """One benchmark: its rows, what was aimed at, and whether that was reached."""

    title: str
    command: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """As a section of docs/benchmarks.md."""
        lines = [
            f"## {self.title}",
            "",
            f"    {self.command}",
            "",
            _row(self.columns),
            _row(["---"] * len(self.columns)),
        ]
        lines += [_row(row) for row in self.rows]
        return "\n".join([*lines, "", *self.notes, ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of at least one value; `share` in 0..1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """What it ran on."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as info:
            model = next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({model}), {system}"


def servers() -> str:
    """Which servers this run is on, for a title."""
    broker = "Apache Kafka" if os.environ.get("KAFKA_BOOTSTRAP") else "the embedded broker"
    database = "the faster database" if os.environ.get("MONGODB_URI") else "the embedded database"
    return f"{broker} and {database}"


def show(results: Sequence[Result]) -> None:
    """Print for people or, with --json, for `make bench`."""
    if "--json" in sys.argv:
        print(json.dumps([asdict(result) for result in results]))
        return
    for result in results:
        print(result.markdown())
