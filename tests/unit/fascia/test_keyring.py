"""The keyring: what is sealed stays readable over every rotation, and readable for nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fascia.crypto.keyring import Keyring, KeyringUnreadable, SealError, add_key, key_id_of, new_keyring

CONTEXT = "patient:demo:1"
PERSON = {"given_name": "Zoë", "phone": "+16175550123"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keyring.json"
    path.write_text(new_keyring())
    return path


def _replace(file: Path, text: str) -> None:
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)


def _rotate(file: Path) -> str:
    text, key_id = add_key(file.read_text())
    _replace(file, text)
    return key_id


def test_what_was_sealed_is_opened_and_shows_nothing_while_sealed() -> None:
    keyring = Keyring.generate()
    blob = keyring.seal_json(PERSON, CONTEXT)
    assert keyring.open_json(blob, CONTEXT) == PERSON
    for part in (b"Zo", b"given_name", b"6175550123", CONTEXT.encode()):
        assert part not in blob
    assert keyring.seal_json(PERSON, CONTEXT) != blob


def test_a_value_sealed_after_a_rotation_is_opened_at_once_by_a_process_that_did_not_notice_it(file: Path) -> None:
    reader = Keyring.from_file(file)
    old = reader.seal_json("old", CONTEXT)
    key_id = _rotate(file)
    new = Keyring.from_file(file).seal_json("new", CONTEXT)
    assert key_id_of(new) == key_id != key_id_of(old)
    assert reader.open_json(new, CONTEXT) == "new"
    assert reader.open_json(old, CONTEXT) == "old"


def test_another_process_rotates_and_seals_and_this_one_reads_on(file: Path) -> None:
    reader = Keyring.from_file(file)
    reader.seal_json("before", CONTEXT)
    script = (
        "import sys; from pathlib import Path; from fascia.crypto.keyring import Keyring, add_key\n"
        "path = Path(sys.argv[1]); path.write_text(add_key(path.read_text())[0])\n"
        "sys.stdout.buffer.write(Keyring.from_file(path).seal(b'after', sys.argv[2]))"
    )
    blob = subprocess.run(
        [sys.executable, "-c", script, str(file), CONTEXT], capture_output=True, check=True, timeout=30
    ).stdout
    assert reader.open(blob, CONTEXT) == b"after"
    assert reader.active_key_id == key_id_of(blob)


def test_a_running_process_seals_with_the_new_key_within_seconds(file: Path) -> None:
    running = Keyring.from_file(file)
    before = running.active_key_id
    key_id = _rotate(file)
    deadline = time.monotonic() + 3
    while running.active_key_id == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert key_id_of(running.seal(b"x", CONTEXT)) == key_id


def test_an_altered_value_is_refused_wherever_it_was_altered() -> None:
    keyring = Keyring.generate()
    blob = keyring.seal_json(PERSON, CONTEXT)
    for place in range(len(blob)):
        altered = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        with pytest.raises(SealError):
            keyring.open(altered, CONTEXT)


def test_a_value_that_was_cut_short_is_refused() -> None:
    keyring = Keyring.generate()
    blob = keyring.seal(b"x", CONTEXT)
    for length in range(len(blob)):
        with pytest.raises(SealError):
            keyring.open(blob[:length], CONTEXT)


def test_a_value_moved_to_another_record_is_refused() -> None:
    keyring = Keyring.generate()
    with pytest.raises(SealError, match="another context"):
        keyring.open(keyring.seal_json(PERSON, CONTEXT), "patient:demo:2")


def test_a_value_of_a_key_that_nobody_holds_is_refused_naming_the_key(file: Path) -> None:
    reader = Keyring.from_file(file)
    elsewhere = file.with_name("elsewhere.json")
    elsewhere.write_text(add_key(new_keyring())[0])
    with pytest.raises(SealError, match="'k2'"):
        reader.open(Keyring.from_file(elsewhere).seal(b"x", CONTEXT), CONTEXT)


def test_an_encrypted_phone_number_is_found_again_after_rotations(file: Path) -> None:
    before = Keyring.from_file(file).blind_index("+16175550123")
    _rotate(file)
    _rotate(file)
    after = Keyring.from_file(file)
    assert after.blind_index("+16175550123") == before
    assert after.blind_index("+16175550124") != before
    assert "6175550123" not in before
    assert Keyring.generate().blind_index("+16175550123") != before


def test_keys_derived_for_two_purposes_differ_and_outlive_a_rotation(file: Path) -> None:
    keyring = Keyring.from_file(file)
    key_id, links = keyring.derive("links")
    assert links != keyring.derive("cookies")[1]
    _rotate(file)
    assert Keyring.from_file(file).derive("links", key_id) == (key_id, links)


@pytest.mark.parametrize("broken", ["", "{", "{}", "[]", '{"active": "k9", "keys": {}, "index_key": ""}'])
def test_a_file_that_is_being_mended_stops_nothing_that_its_old_keys_can_do(file: Path, broken: str) -> None:
    keyring = Keyring.from_file(file)
    text, _ = add_key(file.read_text())
    elsewhere = file.with_name("elsewhere.json")
    elsewhere.write_text(text)
    new = Keyring.from_file(elsewhere).seal(b"new", CONTEXT)
    old = keyring.seal(b"old", CONTEXT)
    _replace(file, broken)
    # The key may be in the file once it can be read: that is no fault of the value.
    with pytest.raises(KeyringUnreadable):
        keyring.open(new, CONTEXT)
    assert keyring.open(old, CONTEXT) == b"old"
    assert keyring.open(keyring.seal(b"more", CONTEXT), CONTEXT) == b"more"
    _replace(file, text)
    assert keyring.open(new, CONTEXT) == b"new"


def test_a_file_that_is_away_for_a_moment_stops_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fascia.crypto.keyring._RELOAD_SECONDS", 0.0)
    keyring = Keyring.from_file(file)
    blob = keyring.seal(b"x", CONTEXT)
    os.unlink(file)
    assert keyring.open(blob, CONTEXT) == b"x"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"active": "k1", "keys": {"k1": "c2hvcnQ="}, "index_key": ""}'])
def test_a_service_does_not_start_on_a_file_that_is_no_keyring(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ValueError, match=r"keyring") as refused:
        Keyring.from_file(file)
    assert "c2hvcnQ" not in str(refused.value)


def test_keys_named_by_another_system_are_rotated_too(file: Path) -> None:
    document = json.loads(file.read_text())
    document["keys"]["production-2026"] = document["keys"].pop("k1")
    document["active"] = "production-2026"
    file.write_text(json.dumps(document))
    blob = Keyring.from_file(file).seal(b"x", CONTEXT)
    assert _rotate(file) == "k1"
    assert Keyring.from_file(file).open(blob, CONTEXT) == b"x"
