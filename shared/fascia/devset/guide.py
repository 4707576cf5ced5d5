"""The table that a started suite ends with: where to look, who to be, what to try."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fascia.devset.demo_day import DemoDay

_WIDTH = 20


def table(suite: dict[str, Any], roles: Sequence[str], day: DemoDay | None = None) -> str:
    """All of it as text; `day` is one with home visits, to be looked at in a browser."""
    urls, tokens = suite["urls"], _short(Path(suite["tokens"]))
    look = [
        ("messages", f"{urls['catcher']}/", "every mail and text that was sent"),
        *(_pages(day) if day else ()),
        *(
            (f"{name}-svc", f"{urls[name]}/openapi.json", "")
            for name in ("scheduling", "records", "outcomes", "notify")
        ),
        ("metrics", f"{urls['records']}/metrics", f"and of its worker {suite['workers']['records']}/metrics"),
        ("broker, database", f"{suite['kafka']}  {suite['mongodb']}", ""),
        ("logs", str(_short(Path(suite["logs"]))), ""),
    ]
    be = [(role, f"$(cat {tokens}/{role})", "") for role in roles]
    call = f'curl -s -H "Authorization: Bearer $(cat {tokens}/admin)"'
    attempts = [
        f"{call} '{urls['records']}/v1/patients?limit=3'",
        f"{call} {urls['scheduling']}/v1/therapists",
        f"{call} '{urls['notify']}/v1/messages?limit=5'",
        f"{call} {urls['outcomes']}/v1/instruments",
        f"curl -s '{urls['catcher']}/api/messages?limit=2'",
        "make demo    (in another terminal)",
    ]
    lines = [
        "where to look",
        *map(_row, look),
        f"who to be (practice {suite['practice']!r})",
        *map(_row, be),
        "what to try",
    ]
    return "\n".join([*lines, *(f"  {attempt}" for attempt in attempts)])


def _pages(day: DemoDay) -> tuple[tuple[str, str, str], ...]:
    return (
        ("dispatcher's board", day.board, f"home visits of {day.date}"),
        ("a therapist's phone", day.phone, "one route of that day"),
    )


def _row(cells: tuple[str, str, str]) -> str:
    name, where, note = cells
    return f"  {name:<{_WIDTH}} {where}" + (f"  ({note})" if note else "")


def _short(path: Path) -> Path:
    """The path as somebody would type it here."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else Path(relative)
