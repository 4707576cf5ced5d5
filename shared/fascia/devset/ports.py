"""Which port each part of the embedded set listens on, and whether it is free."""

from __future__ import annotations

import random
import socket
import time
from dataclasses import dataclass

HOST = "127.0.0.1"
SERVICES = ("scheduling", "records", "outcomes", "notify")
DEFAULT_BASE = 8100
# Below the range from which operating systems take ports for outgoing connections, so nobody takes one in between.
_FREE_BASES = range(12_000, 30_000, 200)


class PortTakenError(RuntimeError):
    """Another program listens there; the message says where and what to do."""

    def __init__(self, port: int, user: str) -> None:
        super().__init__(
            f"port {port} ({user}) is taken by another program: free it, or choose others with --port-base N"
        )


@dataclass(frozen=True)
class Ports:
    """All ports of one suite, derived from one number."""

    base: int

    @property
    def named(self) -> dict[str, int]:
        """Every port by the name of what listens there."""
        return {
            **{f"{name} web": self.base + 1 + place for place, name in enumerate(SERVICES)},
            **{f"{name} worker": self.base + 11 + place for place, name in enumerate(SERVICES)},
            "catcher": self.base + 5,
            "issuer": self.base + 6,
            "database": self.base + 17,
            "smtp": self.base + 25,
            "broker": self.base + 92,
        }

    def web(self, service: str) -> int:
        """The REST port of a service."""
        return self.named[f"{service} web"]

    def worker(self, service: str) -> int:
        """The port of a worker's metrics and health."""
        return self.named[f"{service} worker"]

    def url(self, name: str) -> str:
        """The address of what listens on a named port."""
        return f"http://{HOST}:{self.named[name]}"


class Claim:
    """The base port itself, held as long as the suite runs: two suites that start at once cannot choose the same."""

    def __init__(self, base: int) -> None:
        self._socket = socket.socket()
        try:
            self._socket.bind((HOST, base))
        except OSError:
            self._socket.close()
            raise PortTakenError(base, "the suite's first") from None

    def release(self) -> None:
        """Let another suite have it."""
        self._socket.close()


def is_free(port: int) -> bool:
    """Whether nobody listens on a port. A connection is tried too: some systems let two programs bind."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return not answers(port)


def answers(port: int) -> bool:
    """Whether somebody accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def wait_until_free(port: int, seconds: float) -> bool:
    """Wait for a port that a dying process still holds."""
    end = time.monotonic() + seconds
    while not is_free(port):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def claim(base: int) -> tuple[Ports, Claim]:
    """The ports from `base` on; raises PortTakenError that names the first one that is taken."""
    if not 1024 <= base <= 65_000:
        raise PortTakenError(base, "the suite's first; use 1024 to 65000")
    ports = Ports(base)
    held = Claim(base)
    for user, port in ports.named.items():
        if not is_free(port):
            held.release()
            raise PortTakenError(port, user)
    return ports, held


def claim_any() -> tuple[Ports, Claim]:
    """Ports that are all free, wherever they are."""
    bases = list(_FREE_BASES)
    random.shuffle(bases)
    for base in bases:
        try:
            return claim(base)
        except PortTakenError:
            continue
    raise RuntimeError("no free block of ports between 12000 and 30000")
