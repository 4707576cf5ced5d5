"""The README's curl lines do what it says, on a suite that is not on its default ports."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from fascia.devset.ports import Ports
from fascia.testing.running_suite import RunningSuite

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(120)]

README = Path(__file__).parents[2] / "README.md"


def blocks() -> list[str]:
    """The shell blocks of the README that hold a curl."""
    found = re.findall(r"^```(?:sh|bash|shell)\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    return [block for block in found if "curl " in block]


def on(suite: RunningSuite, text: str) -> str:
    """The same lines for this suite's ports and folder."""
    actual = Ports(suite.description["base"]).named
    for name, port in Ports(8100).named.items():
        text = re.sub(rf"\b(127\.0\.0\.1|localhost):{port}\b", f"127.0.0.1:{actual[name]}", text)
    return text.replace(".run/", f"{suite.folder}/")


def test_the_five_curls_of_the_readme_work(suite: RunningSuite) -> None:
    script = "\n".join(blocks())
    assert len(re.findall(r"^\s*(?:\w+=\$\()?curl ", script, re.MULTILINE)) >= 5
    # A curl of a refused request ends with its problem; -f would hide what it says.
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", on(suite, script)], capture_output=True, text=True, timeout=100, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "urn:fascia:problem:" not in ran.stdout
    for told in ("Ada", '"judgement"', '"follow_up"', '"received_at"'):
        assert told in ran.stdout, f"nothing about {told}"
