"""kill -9 of a worker while it solves: its solvers end too, and the next worker does the whole work once."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from fascia.testing import backing
from fascia.testing.harness import Harness
from scheduling_svc.plans import marks
from scheduling_svc.service import SERVICE

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(180)]

SCRIPT = Path(__file__).with_name("slow_planner.py")
ZONE, MONDAY = "America/New_York", "2027-01-18"
HOME = {"latitude": 42.36, "longitude": -71.06}


@pytest.fixture
def harness() -> Iterator[Harness]:
    with backing.database_uri() as uri:
        made = Harness(SERVICE, uri, {"FASCIA_PLAN_PROCESSES": "0", "FASCIA_REPLAN_SECONDS": "0.2"})
        # The killed worker lives by the real clock: a lease of it is long over by the harness's.
        yield made
        made.close()


def worker(harness: Harness) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, on the same database, with one solver process."""
    own = {}
    for field in dataclasses.fields(harness.settings):
        value = getattr(harness.settings, field.name)
        if "env" in field.metadata and value not in (None, ""):
            own[field.metadata["env"]] = str(value)
    environ = {**os.environ, **own, "FASCIA_PLAN_PROCESSES": "1", "SLOW_SECONDS": "60"}
    return subprocess.Popen([sys.executable, str(SCRIPT)], env=environ)


def until(found: Callable[[], Any], seconds: float = 60) -> Any:
    """What is found in the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.1)
    pytest.fail("it did not come to pass")


def solvers_of(pid: int) -> list[int]:
    """The processes that solve for a worker."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
            command = (stat.parent / "cmdline").read_text()
        except OSError:
            continue
        if int(fields[1]) == pid and "spawn_main" in command:
            found.append(int(stat.parent.name))
    return found


def alive(pid: int) -> bool:
    """Whether a process runs, and is no corpse."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_a_plan_and_a_day_survive_the_death_of_the_worker_that_solves_them(harness: Harness) -> None:
    desk = harness.as_("admin")
    build(harness, desk)
    asked = desk.post("/v1/plans", {"dates": [MONDAY], "rounds": 10, "approve": True}).json
    killed = worker(harness)
    try:
        solver = until(lambda: solvers_of(killed.pid))
        until(lambda: desk.get(f"/v1/plans/{asked['id']}").json["parts"][0]["state"] == "solving")
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    until(lambda: not any(alive(pid) for pid in solver), 15)
    shown = desk.get(f"/v1/plans/{asked['id']}").json
    assert (shown["state"], shown["parts"][0]["state"]) == ("solving", "solving")
    reading = harness.runtime.reading("demo")
    assert marks.marks(reading), "the booking's mark waits for the next worker"

    harness.clock.advance(timedelta(hours=1))
    for job in ("plans", "replan"):
        harness.run_job(job)
    shown = desk.get(f"/v1/plans/{asked['id']}").json
    assert shown["state"] == "approved"
    assert shown["outcome"]["published"] == [f"alma:{MONDAY}"]
    assert marks.marks(reading) == []
    assert desk.get(f"/v1/routes/alma/{MONDAY}").json["revision"] == 1
    assert len(harness.published("route.published")) == 1


def build(harness: Harness, desk: Any) -> None:
    """A practice with one booked visit on Monday."""
    licence = {"state": "MA", "number": "1", "valid_from": "2026-01-01", "valid_until": "2027-12-31"}
    therapist = {
        "id": "alma",
        "name": "Alma Sample",
        "home": HOME,
        "time_zone": ZONE,
        "licences": [licence],
        "service_types": ["first-60"],
        "settings": ["mobile"],
    }
    address = {"line": "1 Sample Street", "city": "Boston", "state": "MA", "postal_code": "02110", "country": "US"}
    for path, body in (
        ("/v1/service-types", {"code": "first-60", "name": "Evaluation", "minutes": 60, "kind": "evaluation"}),
        ("/v1/therapists", therapist),
        ("/v1/therapists/alma/shifts", {"local_start": f"{MONDAY}T09:00", "local_end": f"{MONDAY}T17:00"}),
    ):
        if path == "/v1/service-types":
            settings = {"name": "Sample", "time_zone": ZONE, "promise_minutes": 120}
            assert desk.put("/v1/practice", settings).status_code == 200
        assert desk.post(path, body).status_code == 201
    patient = {
        "patient_id": "patient-1",
        "version": 1,
        "given_name": "Ada",
        "family_name": "Sample-01",
        "birth_date": date(1980, 5, 17),
        "phone": "+16175550101",
        "email": "ada.sample-01@example.org",
        "address": {**address, "coordinates": {"latitude": 42.37, "longitude": -71.1}},
        "time_zone": ZONE,
        "contact_consent": {"sms": True, "email": True},
        "door_notes": "",
    }
    harness.deliver("patient.registered", patient)
    slot = {
        "patient_id": "patient-1",
        "service_type": "first-60",
        "setting": "mobile",
        "therapist_id": "alma",
        "local_start": f"{MONDAY}T10:30",
        "time_zone": ZONE,
        "promised_from": f"{MONDAY}T10:00:00-05:00",
        "promised_until": f"{MONDAY}T12:00:00-05:00",
    }
    answer = desk.post("/v1/appointments", {"slot": slot})
    assert answer.status_code == 201, answer.json


def test_a_worker_that_is_told_to_end_gives_its_search_up_and_the_plan_back(harness: Harness) -> None:
    desk = harness.as_("admin")
    build(harness, desk)
    asked = desk.post("/v1/plans", {"dates": [MONDAY], "rounds": 10}).json
    ending = worker(harness)
    until(lambda: solvers_of(ending.pid))
    until(lambda: desk.get(f"/v1/plans/{asked['id']}").json["parts"][0]["state"] == "solving")
    began = time.monotonic()
    ending.send_signal(signal.SIGTERM)
    ending.wait(30)
    assert time.monotonic() - began < 20, "it did not wait for the search of a minute"
    harness.run_job("plans")
    assert desk.get(f"/v1/plans/{asked['id']}").json["state"] == "proposed"
