"""`python -m notify_svc web|worker|migrate|replay|settings`."""

from __future__ import annotations

import sys

from fascia import process
from notify_svc.service import SERVICE


def main() -> int:
    """Run one command; returns the exit code."""
    return process.main(SERVICE)


if __name__ == "__main__":
    sys.exit(main())
