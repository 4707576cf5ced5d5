"""The reaper ends the process groups that a killed supervisor left, and no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from fascia.devset.reaper import end_groups, groups_left

_STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
)


def start(code: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_a_group_that_ended_is_left_alone() -> None:
    assert groups_left(["+11 broker\n", "+12 records web\n", "-11\n", "+13 notify web\n", "", "\n"]) == [12, 13]


def test_a_number_that_is_used_again_counts_again() -> None:
    assert groups_left(["+11 a\n", "-11\n", "+11 b\n"]) == [11]


def test_what_ignores_a_polite_request_is_killed() -> None:
    process = start(_STUBBORN)
    begun = time.monotonic()
    end_groups([process.pid], grace=0.3)
    assert process.wait(5) == -signal.SIGKILL
    assert time.monotonic() - begun < 4


def test_closing_its_input_is_all_that_it_takes() -> None:
    child = start("import time; print('up', flush=True); time.sleep(60)")
    reaper = subprocess.Popen([sys.executable, "-m", "fascia.devset.reaper"], stdin=subprocess.PIPE, text=True)
    assert reaper.stdin is not None
    reaper.stdin.write(f"+{child.pid} child\n")
    reaper.stdin.close()
    assert child.wait(10) == -signal.SIGTERM
    assert reaper.wait(10) == 0


def test_a_signal_to_the_reaper_does_not_end_it() -> None:
    reaper = subprocess.Popen([sys.executable, "-m", "fascia.devset.reaper"], stdin=subprocess.PIPE, text=True)
    assert reaper.stdin is not None
    time.sleep(0.5)
    os.kill(reaper.pid, signal.SIGTERM)
    time.sleep(0.2)
    assert reaper.poll() is None
    reaper.stdin.close()
    assert reaper.wait(10) == 0
