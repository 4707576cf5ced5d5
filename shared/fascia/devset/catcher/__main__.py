"""`python -m fascia.devset.catcher`: run the mail and SMS catcher."""

from __future__ import annotations

import argparse
import logging
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

from fascia.devset.catcher.catcher import Catcher
from fascia.devset.catcher.faults import Fault, Faults


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fascia.devset.catcher", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True, help="pages, JSON and the SMS provider's API")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where caught messages are kept")
    parser.add_argument("--account-sid", required=True)
    parser.add_argument("--auth-token", required=True)
    parser.add_argument("--inbound-url", help="where replies of patients are posted")
    parser.add_argument("--smtp-fault", type=int, metavar="CODE", help="answer every mail with 451 or 550")
    parser.add_argument("--sms-fault", type=int, metavar="CODE", help="answer every SMS with an HTTP status, e.g. 500")
    parser.add_argument("--sms-delay", type=float, default=0.0, metavar="SECONDS", help="answer every SMS late")
    return parser.parse_args(argv)


def _faults(given: argparse.Namespace) -> Faults:
    faults = []
    if given.smtp_fault is not None:
        faults.append(Fault(channel="smtp", code=given.smtp_fault))
    if given.sms_fault is not None or given.sms_delay:
        faults.append(Fault(channel="sms", code=given.sms_fault, delay_seconds=given.sms_delay))
    return Faults(faults)


def _taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 2 when a port is taken."""
    given = _arguments(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for flag, port in (("--smtp-port", given.smtp_port), ("--http-port", given.http_port)):
        if _taken(given.host, port):
            print(f"catcher: port {port} is taken by another program; choose another with {flag}", file=sys.stderr)
            return 2
    catcher = Catcher(
        given.data,
        account_sid=given.account_sid,
        auth_token=given.auth_token,
        smtp_port=given.smtp_port,
        http_port=given.http_port,
        host=given.host,
        inbound_url=given.inbound_url,
        faults=_faults(given),
    )
    catcher.start()
    stop = threading.Event()

    def _stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    where = f"mail on {given.host}:{given.smtp_port}, pages on http://{given.host}:{given.http_port}/"
    print(f"catcher: {where}", flush=True)
    stop.wait()
    catcher.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
