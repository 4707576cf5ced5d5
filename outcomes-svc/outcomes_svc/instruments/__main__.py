"""`python -m outcomes_svc.instruments --to docs/instruments`: write the pages of the instruments."""

from __future__ import annotations

import argparse
from pathlib import Path

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.reference_page import reference_pages


def main() -> None:
    """Write every page."""
    parser = argparse.ArgumentParser(prog="python -m outcomes_svc.instruments", description=__doc__)
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    folder: Path = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in reference_pages(shipped().all()).items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
