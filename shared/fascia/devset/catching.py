"""The catcher as a process of the suite: mail over SMTP and SMS over the provider's API, readable on a page."""

from __future__ import annotations

import sys

from fascia.devset.ports import Ports, answers
from fascia.devset.processes import Program
from fascia.devset.run_dir import RunDir
from fascia.devset.services import ACCOUNT_SID, is_ready


def program(ports: Ports, run_dir: RunDir) -> Program:
    """The catcher on its two ports; what it caught stays in the run folder."""
    smtp, http = ports.named["smtp"], ports.named["catcher"]
    return Program(
        name="catcher",
        argv=(
            *(sys.executable, "-m", "fascia.devset.catcher"),
            *("--smtp-port", str(smtp), "--http-port", str(http), "--data", str(run_dir.catcher)),
            *("--account-sid", ACCOUNT_SID, "--auth-token", run_dir.secret("twilio")),
            *("--inbound-url", f"{ports.url('notify web')}/v1/webhooks/twilio/inbound"),
        ),
        log=run_dir.logs / "catcher.log",
        ports=(smtp, http),
        ready=lambda: answers(smtp) and is_ready(f"{ports.url('catcher')}/health/live"),
    )
