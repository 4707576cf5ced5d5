"""The catcher as a whole: an SMTP server, an HTTP server and the callbacks, started and stopped together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fascia.devset.catcher.app import create_app, http_server
from fascia.devset.catcher.faults import Faults
from fascia.devset.catcher.journal import Journal
from fascia.devset.catcher.mail import smtp_server, utc_now
from fascia.devset.catcher.parts import Parts
from fascia.devset.catcher.webhooks import Webhooks


class Catcher:
    """Everything is in this process; what was caught is in the folder `data`."""

    def __init__(
        self,
        data: Path,
        *,
        account_sid: str,
        auth_token: str,
        smtp_port: int,
        http_port: int,
        host: str = "127.0.0.1",
        inbound_url: str | None = None,
        faults: Faults | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.journal = Journal(data)
        self.faults = faults or Faults()
        self.webhooks = Webhooks(self.journal, account_sid, auth_token, inbound_url=inbound_url)
        self._smtp = smtp_server(self.journal, self.faults, smtp_port, host, now)
        parts = Parts(
            journal=self.journal,
            faults=self.faults,
            webhooks=self.webhooks,
            account_sid=account_sid,
            auth_token=auth_token,
            now=now,
        )
        self._http = http_server(create_app(parts), http_port, host)

    def start(self) -> None:
        """Serve, in threads; raises OSError when the SMTP port is taken."""
        self._smtp.start()
        self.webhooks.start()
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop serving; delivery reports that are still owed are sent after the next start."""
        self._http.shutdown()
        self._http.server_close()
        self._smtp.stop()
        self.webhooks.stop()
        self.journal.close()
