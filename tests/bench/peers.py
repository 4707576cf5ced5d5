"""The environment of the peers that routing is measured beside, apart from the suite's own."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
WANTED = HERE / "peers.txt"
FOLDER = HERE.parent.parent / ".run" / "peers"


def python() -> Path | None:
    """Its interpreter, made when needed; None, after saying why, where that is not possible."""
    found, mark = FOLDER / "bin" / "python", FOLDER / "made-from"
    wanted = hashlib.sha256(WANTED.read_bytes() + sys.version.encode()).hexdigest()
    if found.exists() and mark.exists() and mark.read_text() == wanted:
        return found
    print(f"making {FOLDER} with the peers ...", file=sys.stderr, flush=True)
    try:
        _quietly(sys.executable, "-m", "venv", "--clear", str(FOLDER))
        _quietly(str(found), "-m", "pip", "install", "--disable-pip-version-check", "-r", str(WANTED))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no peers on this machine: {error}\n{getattr(error, 'stderr', '')}", file=sys.stderr, flush=True)
        return None
    mark.write_text(wanted)
    return found


def has(found: Path, module: str) -> bool:
    """Whether a peer could be installed there: not every one has a wheel for every machine."""
    return subprocess.run([str(found), "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def _quietly(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
