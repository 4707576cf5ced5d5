"""A headless Chromium that tests drive, for what only a browser shows: scripts, service workers, keys, colours.

It is spoken to over two pipes in the browser's own protocol (--remote-debugging-pipe: JSON, one zero byte after each
message), so no driver has to be installed beside it.
"""

from __future__ import annotations

import base64
import fcntl
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
_OPTIONS = (
    "--headless=new",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
)
_AT_3_AND_4 = """
import os, sys
for end, at in zip(sys.argv[1:3], (3, 4)):
    os.dup2(int(end), at)
os.execvp(sys.argv[3], sys.argv[3:])
"""
_KEYS = {
    "Tab": {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
    "Enter": {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
    "Space": {"key": " ", "code": "Space", "windowsVirtualKeyCode": 32, "text": " "},
}


class BrowserFailure(RuntimeError):
    """The browser refused a command, a script in the page failed, or a wait came to nothing."""


def find_chromium() -> str | None:
    """The browser on this machine, named by CHROMIUM or found on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One browser process with a profile of its own."""

    def __init__(self, program: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fascia-browser-", ignore_cleanup_errors=True)
        to_read, self._writer = os.pipe()
        reader, to_write = os.pipe()
        # As root, in a container or in CI, Chromium's own sandbox cannot start.
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [program, *_OPTIONS, *root, f"--user-data-dir={self._folder.name}", "about:blank"]
        # Clear of 3 and 4, where the browser looks for them.
        passed = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_read, to_write)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _AT_3_AND_4, *map(str, passed), *command],
            pass_fds=passed,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (to_read, to_write, *passed):
            os.close(end)
        self._stream = os.fdopen(reader, "rb")
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._arrived = threading.Condition()
        self.events: list[dict[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its result; raises BrowserFailure."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        with self._arrived:
            if not self._arrived.wait_for(lambda: number in self._answers, timeout=30):
                raise BrowserFailure(f"{method}: no answer")
            answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserFailure(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def page(self) -> Page:
        """A new page of the size of a phone."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session)

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(timeout=20)
        os.close(self._writer)
        self._folder.cleanup()

    def _listen(self) -> None:
        rest = b""
        while chunk := self._stream.read1(65536):
            *messages, rest = (rest + chunk).split(b"\0")
            with self._arrived:
                for message in map(json.loads, messages):
                    if "id" in message:
                        self._answers[message["id"]] = message
                    else:
                        self.events.append(message)
                self._arrived.notify_all()


class Page:
    """One page, as a person with a phone uses it."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setDeviceMetricsOverride", **PHONE)

    def open(self, url: str) -> None:
        """Go there and wait until it is loaded, or failed to."""
        self._call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is awaited. Raises BrowserFailure."""
        found = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise BrowserFailure(f"{script}: {details.get('exception', {}).get('description', details['text'])}")
        return found["result"].get("value")

    def until(self, script: str, seconds: float = 15) -> Any:
        """Wait until an expression is true; raises BrowserFailure with what the page then showed."""
        return wait_for(
            lambda: self._calm(f"Promise.resolve({script}).then(Boolean)"),
            seconds,
            lambda: f"{script}\n{self._calm('document.body.innerText')}",
        )

    def text(self, selector: str = "body") -> str:
        """What a person reads there."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def press(self, key: str, times: int = 1) -> None:
        """Press a key: Tab, Enter or Space."""
        for _ in range(times):
            described = _KEYS[key]
            self._call("Input.dispatchKeyEvent", type="keyDown", **described)
            released = {name: value for name, value in described.items() if name != "text"}
            self._call("Input.dispatchKeyEvent", type="keyUp", **released)

    def tap(self, selector: str) -> None:
        """Touch the middle of what a selector finds, where it is on the screen."""
        box = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        at = {"x": box[0], "y": box[1], "button": "left", "clickCount": 1}
        self._call("Input.dispatchMouseEvent", type="mousePressed", **at)
        self._call("Input.dispatchMouseEvent", type="mouseReleased", **at)

    def colours(self, scheme: str) -> None:
        """What the phone prefers: light or dark."""
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def offline(self, is_off: bool = True) -> None:
        """Cut the page off, so that it is told so."""
        self._call(
            "Network.emulateNetworkConditions", offline=is_off, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    def screenshot(self, path: str, *, whole: bool = False) -> None:
        """A picture of the screen, or of the whole page."""
        picture = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def complaints(self) -> list[str]:
        """Scripts that failed and what the page's policy refused."""
        mine = [event for event in self._browser.events if event.get("sessionId") == self._session]
        thrown = [e["params"]["exceptionDetails"]["text"] for e in mine if e["method"] == "Runtime.exceptionThrown"]
        logged = [e["params"]["entry"] for e in mine if e["method"] == "Log.entryAdded"]
        return thrown + [
            entry["text"] for entry in logged if entry["source"] in ("security", "violation", "javascript")
        ]

    def _calm(self, script: str) -> Any:
        try:
            return self.run(script)
        except BrowserFailure:  # the page is just changing
            return None

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)


def wait_for(look: Callable[[], Any], seconds: float, told: Callable[[], str]) -> Any:
    """What `look` finds once that is true; raises BrowserFailure after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise BrowserFailure(f"waited {seconds:g} s for {told()}")
        time.sleep(0.05)
    return found


@contextmanager
def browsing(program: str) -> Iterator[Browser]:
    """A browser for a while."""
    browser = Browser(program)
    try:
        yield browser
    finally:
        browser.close()
