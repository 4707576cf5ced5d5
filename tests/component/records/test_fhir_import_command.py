"""`fascia import fhir DIR` against a service that listens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

import fascia.devset
from fascia.cli import main

pytestmark = pytest.mark.embedded

DEMO = Path(fascia.devset.__file__).parent / "demo_practice"


@pytest.fixture
def arguments(practice: Any) -> Iterator[list[str]]:
    server = make_server("127.0.0.1", 0, practice.harness.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    token = practice.harness.issuer.token(["admin"], "demo", "clerk-1")
    yield ["--records-url", f"http://127.0.0.1:{server.server_port}", "--token", token]
    server.shutdown()
    thread.join()


def table(output: str) -> dict[str, list[int]]:
    rows = [line.rsplit(maxsplit=4) for line in output.splitlines()]
    return {row[0].strip(): [int(cell) for cell in row[1:]] for row in rows if len(row) == 5 and row[4].isdigit()}


def test_a_folder_comes_in_and_a_second_time_changes_nothing(arguments: list[str], capsys: Any) -> None:
    assert main(["import", "fhir", str(DEMO), *arguments]) == 0
    first = table(capsys.readouterr().out)
    assert first["Patient.ndjson"] == [60, 0, 0, 0]
    assert first["in all"] == [187, 0, 0, 0]
    assert main(["import", "fhir", str(DEMO), *arguments]) == 0
    assert table(capsys.readouterr().out)["in all"] == [0, 0, 187, 0]


def test_an_unusable_line_is_named_by_file_and_line(arguments: list[str], tmp_path: Path, capsys: Any) -> None:
    lines = (DEMO / "Patient.ndjson").read_bytes().splitlines(keepends=True)
    (tmp_path / "Patient.ndjson").write_bytes(b"".join(lines[:3]) + lines[3][:200])
    assert main(["import", "fhir", str(tmp_path), *arguments]) == 1
    output = capsys.readouterr().out
    assert table(output)["Patient.ndjson"] == [3, 0, 0, 1]
    assert "Patient.ndjson:4" in output
    assert "cut off" in output


def test_what_cannot_be_imported_at_all_is_one_clear_line(arguments: list[str], tmp_path: Path, capsys: Any) -> None:
    assert main(["import", "fhir", str(tmp_path), *arguments]) == 2
    assert "Patient.ndjson" in capsys.readouterr().err
    assert main(["import", "fhir", str(DEMO), *arguments[:2], "--token", "forged"]) == 2
    assert "401" in capsys.readouterr().err
