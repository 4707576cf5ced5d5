"""`fascia import fhir DIR`: streams FHIR R4 NDJSON to records-svc in chunks and reports what became of each line."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import requests

from fascia.devset import issuing
from fascia.devset.rest import RestError
from fascia.devset.run_dir import DEFAULT, NotRunningError, RunDir
from fascia.web.principal import Role

# In the order in which they refer to each other.
RESOURCES = ("Organization", "Practitioner", "Patient", "Condition", "AllergyIntolerance", "MedicationRequest")
OUTCOMES = ("created", "updated", "unchanged", "rejected")
_SUFFIXES = (".ndjson", ".jsonl")
_CHUNK_LINES = 500
_CHUNK_BYTES = 2_000_000
_TIMEOUT_SECONDS = 120.0
_ATTEMPTS = 6
_SHOWN = 200


class ImportFailed(RuntimeError):
    """The import cannot go on; what is in stays in, and a repetition goes on where it stopped."""


class Chunk(NamedTuple):
    """Consecutive lines of a file, as bytes, and the number of the first."""

    first_line: int
    lines: int
    body: bytes


@dataclass
class Report:
    """What became of the lines of all files so far."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    unusable: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    remarks: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, file: str, lines: list[dict[str, Any]]) -> None:
        """Count the results of one chunk."""
        counts = self.counts.setdefault(file, Counter())
        for line in lines:
            counts[line["outcome"]] += 1
            if line["outcome"] == "rejected":
                self.unusable.append((file, line))
            self.remarks.update((file, remark) for remark in line["remarks"])

    def total(self, outcome: str) -> int:
        """Lines of all files that came to this."""
        return sum(counts[outcome] for counts in self.counts.values())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to import, where to, and who to be."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder with Patient.ndjson, Condition.ndjson, ...")
    parser.add_argument("--records-url", help="address of records-svc (default: the running suite's)")
    parser.add_argument("--token", help="token of an admin (default: $FASCIA_TOKEN, then one of the suite's issuer)")
    parser.add_argument("--practice", help="practice id of the suite's token (default: the demo practice)")
    parser.add_argument("--run-dir", type=Path, default=DEFAULT, help="the suite's folder (default: .run)")


def run(args: argparse.Namespace) -> int:
    """0: every line is in. 1: some lines could not be used, the rest is in. 2: the import could not be done."""
    try:
        url, token = _destination(args)
        report = import_directory(args.directory, url, token, on_progress=_show_progress)
    except (ImportFailed, NotRunningError, RestError) as failure:
        print(f"fascia import fhir: {failure}", file=sys.stderr)
        return 2
    _show(report)
    return 1 if report.unusable else 0


def import_directory(
    directory: Path, records_url: str, token: str, on_progress: Callable[[str, int, int, bool], None] | None = None
) -> Report:
    """Import a folder's files in the order of their references; raises ImportFailed.

    `on_progress(file, bytes done, bytes in all, finished)` is called after every chunk.
    """
    files = _files(directory)
    report = Report()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        session.trust_env = not records_url.startswith("http://127.0.0.1")
        for path in files:
            done, size = 0, path.stat().st_size
            report.counts.setdefault(path.name, Counter())
            for chunk in chunks(path):
                report.add(path.name, _send(session, f"{records_url.rstrip('/')}/v1/imports/fhir", chunk, path.name))
                done += len(chunk.body)
                if on_progress:
                    on_progress(path.name, done, size, False)
            if on_progress:
                on_progress(path.name, size, size, True)
    return report


def chunks(path: Path, most_lines: int = _CHUNK_LINES, most_bytes: int = _CHUNK_BYTES) -> Iterator[Chunk]:
    """The file in pieces of whole lines; a last line without an end is a line too."""
    first, size, lines = 1, 0, list[bytes]()
    with path.open("rb") as file:
        for line in file:
            if lines and (len(lines) >= most_lines or size + len(line) > most_bytes):
                yield Chunk(first, len(lines), b"".join(lines))
                first, size, lines = first + len(lines), 0, []
            lines.append(line)
            size += len(line)
    if lines:
        yield Chunk(first, len(lines), b"".join(lines))


def _files(directory: Path) -> list[Path]:
    """The NDJSON files of a folder that hold what is imported: Patient.ndjson, and bulk exports' Patient.000.ndjson."""
    if not directory.is_dir():
        raise ImportFailed(f"{directory} is not a folder")
    found = [path for path in sorted(directory.iterdir()) if path.suffix in _SUFFIXES and _resource(path) in RESOURCES]
    if not found:
        raise ImportFailed(f"{directory} has none of {', '.join(f'{name}.ndjson' for name in RESOURCES)}")
    return sorted(found, key=lambda path: RESOURCES.index(_resource(path)))


def _resource(path: Path) -> str:
    return path.name.split(".")[0]


def _send(session: requests.Session, url: str, chunk: Chunk, file: str) -> list[dict[str, Any]]:
    """The results of a chunk. Sending it again is harmless, so it is sent again while the service is not there."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = session.post(
                url,
                data=chunk.body,
                params={"first_line": chunk.first_line},
                headers={"Content-Type": "application/fhir+ndjson"},
                timeout=_TIMEOUT_SECONDS,
            )
        except requests.RequestException as error:
            if attempt == _ATTEMPTS:
                raise ImportFailed(f"no answer from {url} ({type(error).__name__})") from None
        else:
            if answer.ok:
                results: list[dict[str, Any]] = answer.json()["lines"]
                return results
            if answer.status_code not in (429, 502, 503, 504) or attempt == _ATTEMPTS:
                last = chunk.first_line + chunk.lines - 1
                raise ImportFailed(
                    f"{file}, lines {chunk.first_line} to {last}: {answer.status_code} {_problem(answer)}"
                )
        time.sleep(0.25 * 2**attempt)
    raise AssertionError("unreachable")


def _problem(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("detail"))
    except ValueError:
        return answer.text[:200]


def _destination(args: argparse.Namespace) -> tuple[str, str]:
    url, token = args.records_url, args.token or os.environ.get("FASCIA_TOKEN")
    if url and token:
        return url, token
    suite = RunDir(args.run_dir).read_suite()
    practice = args.practice or suite["practice"]
    return url or suite["urls"]["records"], token or issuing.token(suite["urls"]["issuer"], Role.ADMIN, practice)


def _show_progress(file: str, done: int, size: int, finished: bool) -> None:
    if not sys.stdout.isatty():
        if finished:
            print(f"  {file} is in", flush=True)
        return
    print(f"\r  {file:<28} {100 * done // max(size, 1):3d} %", end="\n" if finished else "", flush=True)


def _show(report: Report) -> None:
    print(f"\n  {'FILE':<28}" + "".join(f"{outcome.upper():>11}" for outcome in OUTCOMES))
    for file, counts in report.counts.items():
        print(f"  {file:<28}" + "".join(f"{counts[outcome]:>11}" for outcome in OUTCOMES))
    print(f"  {'in all':<28}" + "".join(f"{report.total(outcome):>11}" for outcome in OUTCOMES))
    if report.remarks:
        print("\n  Taken in, with something left out or assumed:")
        for (file, remark), count in report.remarks.most_common(20):
            print(f"  {count:>6} x {file}: {remark}")
    if report.unusable:
        print("\n  Not usable:")
        for file, line in report.unusable[:_SHOWN]:
            place = f"{file}:{line['line']}"
            what = f"{line['resource_type'] or '?'} {line['source_id'] or '?'}"
            at = f" ({line['field']})" if line["field"] else ""
            print(f"  {place:<34} {what}: {line['reason']}{at} {line['fix']}")
        if len(report.unusable) > _SHOWN:
            print(f"  ... and {len(report.unusable) - _SHOWN} more lines")
