"""The development issuer as a process of the suite, and the tokens that people and scripts start with."""

from __future__ import annotations

import sys

from fascia.devset.ports import Ports
from fascia.devset.processes import Program
from fascia.devset.rest import Rest
from fascia.devset.run_dir import RunDir, write_private
from fascia.devset.services import is_ready
from fascia.web.principal import Role

# A patient's token names one patient: those have links instead. A therapist's names one therapist.
STAFF_ROLES = (Role.OWNER, Role.ADMIN, Role.DISPATCHER, Role.BILLER, Role.AUDITOR)


def program(ports: Ports, run_dir: RunDir) -> Program:
    """The issuer; its key rests in the run folder, so tokens outlive a restart."""
    port = ports.named["issuer"]
    return Program(
        name="issuer",
        argv=(sys.executable, "-m", "fascia.devset.issuer", "--port", str(port), "--data", str(run_dir.issuer)),
        log=run_dir.logs / "issuer.log",
        ports=(port,),
        ready=lambda: is_ready(f"{ports.url('issuer')}/jwks.json"),
    )


def token(issuer: str, role: Role, practice_id: str, subject: str | None = None) -> str:
    """A token of a role; raises RestError."""
    wanted = {"role": role, "practice_id": practice_id} | ({"subject": subject} if subject else {})
    answer = Rest(issuer).post("/token", wanted)
    return str(answer.body["access_token"])


def write_tokens(run_dir: RunDir, issuer: str, practice_id: str, therapist_id: str | None) -> list[str]:
    """A private file per role with a token in it, for a shell's $(cat .run/tokens/owner); returns the roles."""
    run_dir.tokens.mkdir(exist_ok=True, mode=0o700)
    for role in STAFF_ROLES:
        write_private(run_dir.tokens / role, token(issuer, role, practice_id))
    if therapist_id:
        write_private(run_dir.tokens / Role.THERAPIST, token(issuer, Role.THERAPIST, practice_id, therapist_id))
    return [*STAFF_ROLES, *([Role.THERAPIST] if therapist_id else [])]
