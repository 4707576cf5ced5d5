"""`fascia keys`: rotate the keys that seal personal data, while everything runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from fascia.crypto.keyring import Keyring, add_key
from fascia.devset.run_dir import DEFAULT, NotRunningError, RunDir, write_private


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`show`, `rotate`."""
    parser.add_argument("action", choices=("show", "rotate"))
    parser.add_argument("--keyring", type=Path, help="by default the one of the suite in --run-dir")
    parser.add_argument("--run-dir", type=Path, default=DEFAULT)


def run(options: argparse.Namespace) -> int:
    """A rotation adds a key and makes it active. Old keys stay, since they open what they sealed."""
    path: Path = options.keyring or RunDir(options.run_dir).keyring
    if not path.exists():
        raise NotRunningError(f"no keyring at {path}: name one with --keyring FILE")
    if options.action == "rotate":
        text, key_id = add_key(path.read_text())
        write_private(path, text)
        print(f"{key_id} seals from now on; running services read {path} again within a second")
    else:
        print(f"{Keyring.from_file(path).active_key_id} is active")
    return 0
