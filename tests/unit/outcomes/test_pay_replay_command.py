"""`fascia pay replay FILE`: anybody who holds a statement can compute it again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fascia.cli import main
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import PayPlan, Rate, RateUnit
from outcomes_svc.pay.statement import StatementInputs, Work, statement
from outcomes_svc.pay.work import PaidSession


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    rates = tuple(
        Rate(setting=setting, service_type=None, per=RateUnit.UNIT, amount=Decimal("11.50"))
        for setting in ("clinic", "hospital", "private", "mobile")
    )
    plan = PayPlan(version=1, effective_from=Month(2027, 1), currency="USD", time_zone="UTC", rates=rates)
    session = PaidSession(
        id="s-1", version=1, date=date(2027, 5, 3), setting="clinic", service_type="massage-60", treated_minutes=53
    )
    inputs = StatementInputs(
        practice="demo",
        therapist="t-1",
        month=Month(2027, 5),
        sequence=1,
        previous=None,
        issued_at=datetime(2027, 6, 2, tzinfo=UTC),
        plan=plan,
        work=Work(sessions=(session,)),
        outcome=None,
        corrections=(),
    )
    path = tmp_path / "statement.json"
    path.write_bytes(statement(inputs))
    return path


def test_an_untouched_file_is_equal(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pay", "replay", str(saved)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("equal")
    assert "SHA-256" in out


def test_an_altered_file_says_where(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    altered = tmp_path / "altered.json"
    altered.write_bytes(saved.read_bytes().replace(b'"total":"46.00"', b'"total":"64.00"'))
    assert main(["pay", "replay", str(saved), str(altered)]) == 1
    out = capsys.readouterr().out
    assert "content.sums.total is '64.00' in the statement and '46.00' in the replay" in out
    assert out.count("equal") == 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"[]", b'{"content": {"format": 7}}'])
def test_what_is_no_statement_differs(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    assert main(["pay", "replay", str(path)]) == 1
    assert "DIFFERS" in capsys.readouterr().out


def test_what_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pay", "replay", "no-such-file.json"]) == 2
    assert "no-such-file.json is neither a file nor the id" in capsys.readouterr().err


def test_an_id_without_a_running_suite_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = "01a20888-dbf3-77bc-9f7f-d9bd0f9d16d3"
    assert main(["pay", "replay", id_, "--run-dir", str(tmp_path)]) == 1
    assert "fascia:" in capsys.readouterr().err


def logged(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def told(version: int = 1, minutes: int = 53, id_: str = "s-1", therapist: str = "t-1") -> dict[str, Any]:
    data = {
        "session_id": id_,
        "version": version,
        "appointment_id": "a-1",
        "patient_id": "p-1",
        "therapist_id": therapist,
        "setting": "clinic",
        "service_type": "massage-60",
        "condition_codes": [],
        "started_at": "2027-05-03T15:00:00+00:00",
        "ended_at": "2027-05-03T16:00:00+00:00",
        "signed_at": "2027-05-03T16:00:00+00:00",
        "treated_minutes": minutes,
        "measures": [],
    }
    return {"type": "session.completed" if version == 1 else "session.amended", "data": data}


def test_a_log_of_events_gives_the_same_bytes_in_any_order(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = told(id_="s-2", therapist="t-2")
    events = logged(tmp_path / "events", other, told(), told(version=0, minutes=8), told(), other)
    assert main(["pay", "replay", str(saved), "--events", str(events)]) == 0
    assert "from 5 events" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([told(), told(version=2, minutes=38)], "content.inputs.work.sessions[0].treated_minutes is 53"),
        ([told(), told(id_="s-2")], "content.inputs.work.sessions has 1 entries in the statement and 2"),
        ([], "content.inputs.work.sessions has 1 entries in the statement and 0"),
    ],
    ids=["amended", "added", "none"],
)
def test_events_that_tell_something_else_differ(
    rows: list[dict[str, Any]], says: str, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pay", "replay", str(saved), "--events", str(logged(tmp_path / "events", *rows))]) == 1
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"type": "no.such", "data": {}}', '{"type": "session.completed", "data": {}}']
)
def test_what_is_no_log_is_named(text: str, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "events"
    path.write_text(text)
    assert main(["pay", "replay", str(saved), "--events", str(path)]) == 2
    assert "is no log of events" in capsys.readouterr().err
