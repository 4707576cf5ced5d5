"""`fascia pay replay`: compute a pay statement again and compare its bytes."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from fascia.contracts import contract
from fascia.devset import issuing
from fascia.devset.rest import Rest, RestError
from fascia.devset.run_dir import DEFAULT, RunDir
from fascia.web.principal import Role
from outcomes_svc.pay.rebuild import LoggedEvent
from outcomes_svc.pay.replay import replay

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which statements."""
    parser.add_argument(
        "statements",
        nargs="+",
        metavar="STATEMENT",
        help="a file as the API served it, or the id of a statement in the running suite",
    )
    parser.add_argument(
        "--events",
        type=Path,
        metavar="NDJSON",
        help='a log of events, {"type": ..., "data": ...} a line: sessions, ways and scores of files are taken from it',
    )
    parser.add_argument("--practice", help="practice id (default: the demo practice)")
    parser.add_argument(
        "--run-dir", type=Path, default=DEFAULT, metavar="DIR", help="the suite's folder (default: .run)"
    )


def run(args: argparse.Namespace) -> int:
    """Compute each again; 0 when every byte of all is equal, 1 when one differs, 2 when one cannot be read."""
    try:
        events = _events(args.events) if args.events else None
    except (OSError, ValueError) as error:
        print(f"fascia: {args.events} is no log of events ({error})", file=sys.stderr)
        return 2
    worst = 0
    for name in args.statements:
        path = Path(name)
        if path.is_file():
            worst = max(worst, _file(path, events))
        elif _ID.fullmatch(name):
            worst = max(worst, _served(name, args))
        else:
            print(f"fascia: {name} is neither a file nor the id of a statement", file=sys.stderr)
            worst = 2
    return worst


def _events(path: Path) -> list[LoggedEvent]:
    """Each line read with its contract; raises ValueError naming the line, never its content."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            found.append(LoggedEvent(row["type"], contract(row["type"]).schema().load(row["data"])))
        except (ValueError, LookupError, TypeError, ValidationError) as error:
            raise ValueError(f"line {number}: {type(error).__name__}") from None
    return found


def _file(path: Path, events: list[LoggedEvent] | None) -> int:
    try:
        content = path.read_bytes()
    except OSError as error:
        print(f"fascia: {path} cannot be read ({error.strerror})", file=sys.stderr)
        return 2
    began = time.perf_counter()
    found = replay(content, events)
    took = time.perf_counter() - began
    source = "its own inputs" if events is None else f"{len(events)} events"
    return _tell(f"{path}: from {source}", found.equal, found.sha256, found.difference, took)


def _served(statement_id: str, args: argparse.Namespace) -> int:
    try:
        suite = RunDir(args.run_dir).read_suite()
        practice = args.practice or suite["practice"]
        token = issuing.token(suite["urls"]["issuer"], Role.AUDITOR, practice)
        began = time.perf_counter()
        service, path = Rest(suite["urls"]["outcomes"], token), f"/v1/pay/statements/{statement_id}"
        found = service.post(f"{path}/replay").body
        took = time.perf_counter() - began
        changed = [] if found["projected"]["equal"] else service.get(f"{path}/differences").body["items"]
    except RestError as error:
        print(f"fascia: {error}", file=sys.stderr)
        return 2
    code = max(_part(statement_id, found, part, took) for part in ("kept", "projected"))
    for line in changed:
        moved = f"{line['before']} -> {line['after']}"
        print(f"  since then {line['key']} changed ({line['cause']}): {moved}; the next statement corrects it")
    return code


def _part(statement_id: str, found: dict[str, Any], part: str, took: float) -> int:
    what = "from its own inputs" if part == "kept" else "from the events as the service holds them"
    answer = found[part]
    return _tell(f"{statement_id}: {what}", answer["equal"], answer["sha256"], answer["difference"], took)


def _tell(what: str, equal: bool, sha256: str | None, difference: str | None, took: float) -> int:
    if equal:
        print(f"equal    {what}, SHA-256 {sha256}, {took:.3f} s")
        return 0
    print(f"DIFFERS  {what}: {difference}")
    return 1
