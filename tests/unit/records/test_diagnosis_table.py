"""The diagnosis table is built on first use: those who ask meanwhile wait for it."""

from __future__ import annotations

import subprocess
import sys

_ASK_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from records_svc.evaluation.diagnosis import leaf_codes

with ThreadPoolExecutor(8) as pool:
    print(*pool.map(lambda _: leaf_codes(["m5450"])[0], range(8)))
"""


def test_first_requests_of_a_process_may_come_at_once() -> None:
    asked = subprocess.run([sys.executable, "-c", _ASK_AT_ONCE], capture_output=True, text=True, check=False)
    assert asked.stdout.split() == ["M54.50"] * 8, asked.stderr
