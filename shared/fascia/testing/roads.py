"""Where tests find real roads: an OSRM server in the environment, or the one that the tools start on an extract."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_TELL = "import os, sys; print(os.environ['OSRM_URL'], flush=True); sys.stdin.read()"


@contextlib.contextmanager
def osrm_url() -> Iterator[str | None]:
    """$OSRM_URL, or a server of `osrm` in $FASCIA_TOOLS or ../shared/tools; None where neither is."""
    if url := os.environ.get("OSRM_URL"):
        yield url
        return
    tool = Path(os.environ.get("FASCIA_TOOLS", _ROOT.parent / "shared" / "tools")) / "osrm"
    if not tool.exists():
        yield None
        return
    command = [sys.executable, str(tool), "with", "--", sys.executable, "-c", _TELL]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            # It ends when its input does. Nothing comes where the tool could not fetch what it runs.
            yield child.stdout.readline().strip() or None
        finally:
            child.stdin.close()
            child.wait(30)
