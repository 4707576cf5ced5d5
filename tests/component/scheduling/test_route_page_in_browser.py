"""The therapist's page on a phone's screen: by thumb, by keyboard, without a connection, in the dark."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from fascia.testing.backing import free_port
from fascia.testing.browser import Browser, Page, browsing, find_chromium, wait_for

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
NINE = datetime(2027, 1, 18, 14, tzinfo=UTC)


class Connection:
    """The service as a phone reaches it: a server that can be away, and a line that can break before the answer."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.port = free_port()
        self._server: BaseWSGIServer | None = None
        self.posts: list[str] = []
        self.breaks = 0
        self.portals = 0
        self.restore()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            return self._app(environ, start)  # type: ignore[no-any-return]
        self.posts.append(environ.get("HTTP_IDEMPOTENCY_KEY", ""))
        if self.portals:
            self.portals -= 1
            start("200 OK", [("Content-Type", "text/html")])
            return [b"<h1>Welcome to the guest network</h1>"]
        answer = self._app(environ, start)
        if self.breaks:
            self.breaks -= 1
            list(answer)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return answer  # type: ignore[no-any-return]

    def restore(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self, threaded=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def cut(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium on this machine (set CHROMIUM, or install it): the page was not tried in a browser")
    with browsing(program) as found:
        yield found


@pytest.fixture
def connection(practice: Any) -> Iterator[Connection]:
    found = Connection(practice.harness.app)
    yield found
    found.cut()


@pytest.fixture
def booked(practice: Any) -> list[dict[str, Any]]:
    """Three visits of a published day, at 09:00 of it."""
    practice.shift()
    homes = [(42.3736, -71.1097), (42.3736, -71.1097), (42.3467, -71.0972)]
    for number, (latitude, longitude) in enumerate(homes, 1):
        address = {
            "line": f"{number} Sample Street",
            "city": "Cambridge" if number < 3 else "Boston",
            "state": "MA",
            "postal_code": "02139",
            "country": "US",
            "coordinates": {"latitude": latitude, "longitude": longitude},
        }
        practice.patient(f"patient-{number}", family_name=f"Sample-0{number}", address=address)
    made = [practice.book(f"patient-{number}", f"{MONDAY}T{8 + 2 * number:02}:00") for number in (1, 2, 3)]
    practice.made("post", f"/v1/therapists/alma/days/{MONDAY}/publication")
    clock = practice.harness.clock
    clock.advance(NINE - clock.now())
    return made


@pytest.fixture
def page(practice: Any, booked: list[dict[str, Any]], connection: Connection, browser: Browser) -> Page:
    made = browser.page()
    path = urlsplit(practice.published("route.published")[-1].data["page_url"]).path
    made.open(f"http://127.0.0.1:{connection.port}{path}")
    return made


def states(practice: Any, booked: list[dict[str, Any]]) -> list[str]:
    return [practice.appointment(one["id"])["status"] for one in booked]


def kept(page: Page) -> None:
    """Wait until the service worker has the page."""
    page.until("caches.open('fascia-route-1').then((c) => c.keys()).then((k) => k.length > 0)")


def test_one_thumb_reaches_what_comes_next(page: Page, practice: Any, booked: Any) -> None:
    assert page.run("document.documentElement.scrollWidth") <= 390, "nothing lies beside the screen"
    box = page.run(
        "(() => { const b = document.querySelector('#bar button').getBoundingClientRect();"
        " return [b.top, b.bottom, b.width, b.height]; })()"
    )
    assert box[0] > 844 * 0.75, "the button lies where a thumb is"
    assert box[1] <= 844
    assert box[2] > 300
    assert box[3] >= 56
    small = page.run(
        "[...document.querySelectorAll('button, a, summary')].filter((e) => !e.matches('.skip') && e.offsetParent)"
        ".filter((e) => e.getBoundingClientRect().height < 40).map((e) => e.innerText)"
    )
    assert small == []
    page.tap("#bar button")
    page.until("document.querySelector('.state').innerText.startsWith('On my way since')")
    assert states(practice, booked) == ["en_route", "booked", "booked"]
    assert "Arrived" in page.text("#bar")
    assert page.complaints() == []


def test_a_tap_can_be_taken_back_for_some_seconds(
    page: Page, connection: Connection, practice: Any, booked: Any
) -> None:
    page.tap("#bar button")
    assert "Undo" in page.text("#bar")
    page.tap("#undo")
    assert "On my way" in page.text("#bar")
    page.run("new Promise((done) => setTimeout(done, 6000))")
    assert connection.posts == []
    assert states(practice, booked) == ["booked"] * 3


def test_taps_without_a_connection_wait_on_the_phone_and_are_sent_once(
    page: Page, connection: Connection, practice: Any, booked: Any
) -> None:
    kept(page)
    connection.cut()
    page.offline()
    page.tap("#bar button")
    page.until("document.querySelector('#bar').innerText.includes('Arrived')")
    page.tap("#bar button")
    page.until("document.querySelector('#bar').innerText.includes('Done')")
    assert "not sent yet" in page.text(".state")
    page.until("!document.getElementById('connection').hidden")
    assert "2 taps wait" in page.text("#connection")

    page.run("location.reload()")
    page.until(
        "document.readyState === 'complete' && document.querySelector('#connection')?.innerText.includes('2 taps')"
    )
    assert "1 Sample Street" in page.text(), "the page itself is there without a connection"
    assert "Done" in page.text("#bar"), "what was tapped is remembered"
    assert states(practice, booked) == ["booked"] * 3

    connection.restore()
    page.offline(False)
    page.until("document.querySelector('.state').innerText.startsWith('Arrived at')")
    assert page.run("document.getElementById('connection').hidden")
    assert states(practice, booked) == ["arrived", "booked", "booked"]
    assert len(connection.posts) == 2
    assert [event.data["status"] for event in practice.published("appointment.progressed")] == ["en_route", "arrived"]
    assert page.run("localStorage.length") == 0
    assert page.complaints() == []


def test_a_tap_whose_answer_is_lost_is_sent_again_and_counts_once(
    page: Page, connection: Connection, practice: Any, booked: Any
) -> None:
    connection.breaks = 2
    page.tap("#bar button")
    wait_for(lambda: len(connection.posts) == 3, 30, lambda: f"three attempts, seen {connection.posts}")
    page.until("document.querySelector('.state').innerText.startsWith('On my way since')")
    assert len(set(connection.posts)) == 1, "each attempt carries the same key"
    assert len(practice.published("appointment.progressed")) == 1


def test_what_a_guest_network_answers_is_no_answer(
    page: Page, connection: Connection, practice: Any, booked: Any
) -> None:
    connection.portals = 1
    page.tap("#bar button")
    page.until("document.querySelector('.state').innerText.startsWith('On my way since')", 30)
    assert len(connection.posts) == 2
    assert states(practice, booked)[0] == "en_route"


def test_the_keyboard_alone_is_enough(page: Page, practice: Any, booked: Any) -> None:
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    page.press("Enter")
    page.press("Tab")
    assert page.run("document.activeElement.closest('#bar') !== null && document.activeElement.tagName") == "BUTTON"
    outline = page.run("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "one sees where one is"
    page.press("Enter")
    assert page.run("document.activeElement.id") == "undo"
    page.until("document.querySelector('.state').innerText.startsWith('On my way since')")
    assert page.run("document.activeElement.closest('#bar') !== null"), "the next step is where the last one was"
    assert states(practice, booked)[0] == "en_route"
    # Everything else can be reached and opened, too.
    page.run("document.querySelector('.skip').focus()")
    reached = set()
    for _ in range(40):
        page.press("Tab")
        reached.add(page.run("document.activeElement.innerText.trim().split('\\n')[0]"))
        if page.run("document.activeElement.matches('.cannot > summary')"):
            page.press("Space")
    assert {"Navigate", "Google Maps", "I can’t get in", "Nobody is there", "Put the day into my calendar"} <= reached


def test_a_newer_plan_is_announced_and_shown_when_asked_for(page: Page, practice: Any, booked: Any) -> None:
    practice.made("post", f"/v1/appointments/{booked[0]['id']}/cancellation", {"reason": "practice"}, 200)
    page.run("window.dispatchEvent(new Event('online'))")
    page.until("!document.getElementById('newer').hidden")
    assert "10:00 AM" in page.text("#live"), "the plan does not change under a thumb"
    page.tap("#show-newer")
    page.until("document.body.dataset.revision === '2'")
    assert "No longer on your route" in page.text("#live")
    assert "Sample-02" in page.text("#bar")


def test_a_refused_tap_says_why_and_the_page_goes_on(page: Page, practice: Any, booked: Any) -> None:
    practice.made("post", f"/v1/appointments/{booked[0]['id']}/cancellation", {"reason": "practice"}, 200)
    page.tap("#bar button")
    page.until("document.querySelector('.refusal')", 20)
    assert "was not taken" in page.text(".refusal")
    assert "cannot become en_route" in page.text(".refusal")
    assert page.run("localStorage.length") == 0


# The luminance of WCAG 2.2 of the colours that a page has at this moment.
LUMINANCES = """(() => {
  const light = (colour) => {
    const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = colour.match(/[0-9.]+/g).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const of = (selector, name) => light(getComputedStyle(document.querySelector(selector))[name]);
  return {
    page: of("html", "backgroundColor"), text: of("body", "color"), quiet: of(".quiet", "color"),
    card: of(".stop", "backgroundColor"), act: of("#bar .act", "backgroundColor"), on: of("#bar .act", "color"),
    door: of(".door", "backgroundColor"),
  };
})()"""


def test_it_can_be_read_in_the_light_and_in_the_dark(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.colours(scheme)
        found = page.run(LUMINANCES)
        assert (found["page"] < 0.1) is (scheme == "dark")
        pairs = (
            ("text", "page"),
            ("text", "card"),
            ("quiet", "card"),
            ("quiet", "page"),
            ("on", "act"),
            ("text", "door"),
        )
        for front, back in pairs:
            bright, dim = sorted((found[front], found[back]), reverse=True)
            assert (bright + 0.05) / (dim + 0.05) >= 4.5, f"{front} on {back}, {scheme} (WCAG 2.2, 1.4.3)"


def test_when_the_link_ends_the_phone_keeps_nothing(page: Page, connection: Connection, practice: Any) -> None:
    kept(page)
    clock = practice.harness.clock
    clock.advance(timedelta(days=1))
    page.run("window.dispatchEvent(new Event('online'))")
    page.until("document.body.innerText.includes('This link has ended')")
    assert "Sample Street" not in page.text()
    page.until("caches.open('fascia-route-1').then((c) => c.keys()).then((k) => k.length === 0)")
