"""Calls back to the suite, signed as the provider signs them."""

from __future__ import annotations

import logging
import queue
import threading
import time
from xml.etree import ElementTree

import requests

from fascia.devset.catcher.caught import Caught
from fascia.devset.catcher.journal import Journal
from fascia.devset.catcher.signature import sign

log = logging.getLogger("fascia.devset.catcher")

# A receiver that is being restarted is back within a minute or two; after that the message stays as it is.
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)
TIMEOUT_SECONDS = 10.0


class Webhooks:
    """Posts delivery reports in the background, and replies at once."""

    def __init__(
        self, journal: Journal, account_sid: str, auth_token: str, *, inbound_url: str | None = None, threads: int = 4
    ) -> None:
        self._journal = journal
        self._account_sid = account_sid
        self._auth_token = auth_token
        self.inbound_url = inbound_url
        self.outcome = "delivered"
        self._queue: queue.SimpleQueue[tuple[Caught, int] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def start(self) -> None:
        """Begin, with the reports that an earlier run still owes."""
        for thread in self._threads:
            thread.start()
        for message in reversed(self._journal.newest_first(lambda m: not m.callback_done)):
            self.report(message)

    def stop(self) -> None:
        """Stop after the report in hand; what is still owed is posted after the next start."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=TIMEOUT_SECONDS)

    def report(self, message: Caught, attempt: int = 0) -> None:
        """Tell the sender what became of an SMS."""
        self._queue.put((message, attempt))

    def reply(self, message: Caught) -> str | None:
        """Post an SMS of a patient to the suite; the text that the suite answers with, if any.

        Raises requests.RequestException when nobody takes it.
        """
        if self.inbound_url is None:
            raise requests.exceptions.InvalidURL("no --inbound-url was given")
        params = {**self._params(message), "Body": message.text, "NumMedia": "0", "NumSegments": "1"}
        response = self._post(self.inbound_url, params)
        return _answer(response)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            message, attempt = item
            try:
                self._report_once(message)
            except requests.RequestException as error:
                self._try_later(message, attempt, error)

    def _report_once(self, message: Caught) -> None:
        assert message.callback is not None
        params = {**self._params(message), "MessageStatus": self.outcome, "SmsStatus": self.outcome}
        if self.outcome != "delivered":
            params["ErrorCode"] = "30003"
        self._post(message.callback, params)
        self._journal.set_status(message.id, self.outcome, callback_done=True)

    def _try_later(self, message: Caught, attempt: int, error: Exception) -> None:
        if attempt >= len(RETRY_SECONDS):
            log.warning("gave up reporting %s: %s", message.id, type(error).__name__)
            self._journal.set_status(message.id, message.status, callback_done=True)
            return
        timer = threading.Timer(RETRY_SECONDS[attempt], self.report, (message, attempt + 1))
        timer.daemon = True
        timer.start()

    def _params(self, message: Caught) -> dict[str, str]:
        return {
            "MessageSid": message.reference,
            "SmsSid": message.reference,
            "AccountSid": self._account_sid,
            "From": message.sender,
            "To": message.to,
            "ApiVersion": "2010-04-01",
        }

    def _post(self, url: str, params: dict[str, str]) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False  # everything here is on this machine, whatever proxy the shell names
            started = time.monotonic()
            response = session.post(
                url,
                data=params,
                headers={"X-Twilio-Signature": sign(self._auth_token, url, params)},
                timeout=TIMEOUT_SECONDS,
            )
            log.info("webhook %s in %d ms", response.status_code, (time.monotonic() - started) * 1000)
            response.raise_for_status()
            return response


def _answer(response: requests.Response) -> str | None:
    """The text in a TwiML answer: <Response><Message>text</Message></Response>."""
    if not response.content or "xml" not in response.headers.get("Content-Type", ""):
        return None
    # The document comes from the suite itself, on this machine.
    said = ElementTree.fromstring(response.content).find("Message")  # noqa: S314
    return None if said is None else "".join(said.itertext()).strip()
