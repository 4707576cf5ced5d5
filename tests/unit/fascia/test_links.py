"""Signed links: genuine ones open until they expire; anything altered, foreign or for another purpose does not."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from fascia.crypto.keyring import Keyring, add_key, new_keyring
from fascia.links import Link, read_link, sign_link
from fascia.problem import Forbidden, Gone

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
SUBJECT = "01987f3a-1111-7222-8333-444455556666"


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest.fixture(scope="module")
def token(keyring: Keyring) -> str:
    return sign_link(keyring, "questionnaire", SUBJECT, "demo", LATER, version=3)


def test_a_link_says_what_it_was_made_for(keyring: Keyring, token: str) -> None:
    assert read_link(keyring, "questionnaire", token, NOW) == Link(SUBJECT, "demo", LATER, 3)


def test_a_link_fits_into_a_text_message(token: str) -> None:
    assert len(token) <= 80
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_subjects_that_are_no_uuid_survive(keyring: Keyring) -> None:
    for subject in ("demo:therapist-1:2026-03-02", SUBJECT.upper(), "ä"):
        signed = sign_link(keyring, "day", subject, "practice-ß", LATER)
        assert read_link(keyring, "day", signed, NOW).subject == subject


def test_it_expires_at_the_given_second(keyring: Keyring, token: str) -> None:
    read_link(keyring, "questionnaire", token, LATER - timedelta(milliseconds=1))
    with pytest.raises(Gone):
        read_link(keyring, "questionnaire", token, LATER)


def test_another_purpose_does_not_open_it(keyring: Keyring, token: str) -> None:
    with pytest.raises(Forbidden):
        read_link(keyring, "cancellation", token, NOW)


def test_another_keyring_does_not_open_it(token: str) -> None:
    with pytest.raises(Forbidden):
        read_link(Keyring.generate(), "questionnaire", token, NOW)


def test_every_altered_bit_is_noticed(keyring: Keyring, token: str) -> None:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for position in range(len(raw) * 8):
        altered = bytearray(raw)
        altered[position // 8] ^= 1 << position % 8
        forged = base64.urlsafe_b64encode(bytes(altered)).rstrip(b"=").decode()
        with pytest.raises(Forbidden):
            read_link(keyring, "questionnaire", forged, NOW)


def test_every_shortened_or_lengthened_link_is_refused(keyring: Keyring, token: str) -> None:
    for end in range(len(token)):
        with pytest.raises(Forbidden):
            read_link(keyring, "questionnaire", token[:end], NOW)
    for tail in ("A", "=", "==", ".", " ", "\n", "AAAA", "é"):
        with pytest.raises(Forbidden):
            read_link(keyring, "questionnaire", token + tail, NOW)


@pytest.mark.parametrize("nonsense", ["", "x", "../../etc/passwd", "ü" * 40, "A" * 5000, "A" * 64, "_" * 64])
def test_nonsense_is_refused_without_a_fault(keyring: Keyring, nonsense: str) -> None:
    with pytest.raises(Forbidden):
        read_link(keyring, "questionnaire", nonsense, NOW)


def test_a_link_outlives_a_change_of_the_active_key(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "keyring.json"
    text = new_keyring()
    file.write_text(text)
    old = sign_link(Keyring.from_file(file), "questionnaire", SUBJECT, "demo", LATER)
    file.write_text(add_key(text)[0])
    rotated = Keyring.from_file(file)
    assert read_link(rotated, "questionnaire", old, NOW).subject == SUBJECT
    assert sign_link(rotated, "questionnaire", SUBJECT, "demo", LATER) != old


def test_a_naive_expiry_is_a_mistake_of_the_caller(keyring: Keyring) -> None:
    with pytest.raises(ValueError, match="aware"):
        sign_link(keyring, "questionnaire", SUBJECT, "demo", datetime(2026, 3, 9))  # noqa: DTZ001
