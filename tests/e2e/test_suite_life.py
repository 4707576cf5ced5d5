"""Starting again, and two at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fascia.devset.cast import Cast
from fascia.devset.patients import new_patient
from fascia.testing.running_suite import RunningSuite, is_alive
from fascia.web.principal import Role

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(400)]

# Each start in these is on a broker and a database of its own, whatever the other tests run on.
EMBEDDED = {"KAFKA_BOOTSTRAP": "", "MONGODB_URI": ""}


def patients_of(suite: RunningSuite) -> list[str]:
    found = Cast(suite.description).at("records", Role.OWNER).every("/v1/patients")
    return sorted(patient["id"] for patient in found)


def test_ctrl_c_stops_all_and_a_second_start_finds_its_data(tmp_path: Path) -> None:
    first = RunningSuite(tmp_path / "run", "--free-ports", environ=EMBEDDED).wait_up()
    before, pids = patients_of(first), list(first.description["processes"].values())
    assert len(before) == 61, "sixty of the demo practice and one of the first chain"
    assert first.stop() == 0
    assert "had to be killed" not in first.output
    assert not any(is_alive(pid) for pid in pids)

    second = RunningSuite(tmp_path / "run", "--free-ports", environ=EMBEDDED).wait_up()
    try:
        assert "was there" in second.output
        after = patients_of(second)
        assert set(before) < set(after)
        assert len(after) == 62, "a second start seeds nothing and plays one more chain"
    finally:
        second.stop()


def test_two_suites_in_two_folders_do_not_meet(suite: RunningSuite, tmp_path: Path) -> None:
    other = RunningSuite(tmp_path / "run", "--free-ports", "--no-demo", environ=EMBEDDED).wait_up()
    try:
        here = Cast(suite.description).at("records", Role.OWNER).post("/v1/patients", new_patient()).body["id"]
        assert patients_of(other) == []
        assert here in patients_of(suite)
    finally:
        assert other.stop() == 0
