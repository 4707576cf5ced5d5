"""`outcomes-svc web | worker | migrate | replay | settings`."""

from __future__ import annotations

import sys

from fascia import process
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.service import SERVICE


def main() -> int:
    """Run one command. Instrument data that does not fit stops every command: a wrong number is worse than none."""
    shipped()
    return process.main(SERVICE)


if __name__ == "__main__":
    sys.exit(main())
