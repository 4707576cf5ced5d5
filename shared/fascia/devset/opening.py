"""What happens between "everything runs" and "it is yours": demo practice, first chain, and the table to start with."""

from __future__ import annotations

from collections.abc import Callable

from fascia.devset.issuing import write_tokens
from fascia.devset.suite import PRACTICE, Suite


def open_suite(suite: Suite, stopping: Callable[[], bool]) -> int:
    """Fill and show the suite; returns an exit code."""
    write_tokens(suite.run_dir, suite.ports.url("issuer"), PRACTICE, None)
    return 0
