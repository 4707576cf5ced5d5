"""The `fascia` command line: one module per command, each with `add_arguments(parser)` and `run(args) -> int`."""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from fascia.devset.run_dir import NotRunningError


class _Command(Protocol):
    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


class _Entry(NamedTuple):
    words: tuple[str, ...]
    module: str
    help: str


COMMANDS = (
    _Entry(("run",), "fascia.cli.run_suite", "start the embedded suite and keep it running"),
    _Entry(("demo",), "fascia.cli.demo", "play the chain on the running suite and show each event"),
    _Entry(("status",), "fascia.cli.status", "show what runs where"),
    _Entry(("token",), "fascia.cli.token", "print a token of a role"),
    _Entry(("import", "fhir"), "fascia.cli.fhir_import", "bring in patients from FHIR R4 NDJSON files"),
    _Entry(("topics",), "fascia.cli.topics", "create the topics that a broker lacks"),
    _Entry(("dead-letters",), "fascia.cli.dead_letters", "list, show or redrive events that could not be handled"),
    _Entry(("replay",), "fascia.cli.replay", "rebuild projections from the retained events"),
    _Entry(("keys",), "fascia.cli.keys", "tell which key seals personal data, or add a new one"),
)


ENTRY_POINTS = "fascia.commands"
"""A service adds commands of its own under this group: the words as the name, the module as the value."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    entry = _find(words)
    if entry is None:
        return _usage(words)
    command = cast(_Command, importlib.import_module(entry.module))
    parser = argparse.ArgumentParser(prog=" ".join(("fascia", *entry.words)), description=entry.help)
    command.add_arguments(parser)
    try:
        return command.run(parser.parse_args(words[len(entry.words) :]))
    except NotRunningError as error:
        print(f"fascia: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1


def _commands() -> tuple[_Entry, ...]:
    added = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
    return (*COMMANDS, *(_Entry(tuple(point.name.split()), point.value, _summary(point.value)) for point in added))


def _summary(module: str) -> str:
    """The first line of a command's module, without loading what it imports."""
    spec = find_spec(module)
    text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    line = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    return line.partition(": ")[2].rstrip(".") or line


def _find(words: Sequence[str]) -> _Entry | None:
    for entry in _commands():
        if tuple(words[: len(entry.words)]) == entry.words:
            return entry
    return None


def _usage(words: Sequence[str]) -> int:
    asked = not words or words[0] in ("-h", "--help", "help")
    lines = ["usage: fascia COMMAND [OPTIONS]", ""]
    lines += [f"  {' '.join(entry.words):<14} {entry.help}" for entry in _commands()]
    lines += ["", "fascia COMMAND --help shows the options of a command."]
    if not asked:
        lines.insert(0, f"fascia: there is no command {words[0]!r}")
    print("\n".join(lines), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2
