"""The development issuer as a process of the suite, and the tokens that people and scripts start with."""

from __future__ import annotations

import json
import sys

from fascia.devset.ports import Ports
from fascia.devset.processes import Program
from fascia.devset.rest import Rest
from fascia.devset.run_dir import RunDir, write_private
from fascia.devset.services import is_ready
from fascia.web.principal import Role

# A patient's and a therapist's token names one person, so these are asked for one by one.
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


def write_tokens(run_dir: RunDir, issuer: str, practice_id: str, therapist_id: str | None) -> dict[str, str]:
    """One token per role, kept in a private file of the run folder."""
    tokens = {str(role): token(issuer, role, practice_id) for role in STAFF_ROLES}
    if therapist_id:
        tokens[str(Role.THERAPIST)] = token(issuer, Role.THERAPIST, practice_id, therapist_id)
    write_private(run_dir.tokens, json.dumps(tokens, indent=1))
    return tokens
