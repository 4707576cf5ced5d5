"""What patients write back."""

from __future__ import annotations

import pytest

from notify_svc.contacts.reply import Meaning, meaning_of


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop", " Stop. ", "STOP!!", "QUIT", "END", "REVOKE", "OPT OUT", "opt-out", "CANCEL", "Cancel!",
        "UNSUBSCRIBE", "STOPALL", "ARRET", "ARRÊT", "alto", "BAJA", "Cancelar",
        "Please stop texting me", "do not text me again", "Don't text me", "don’t message me", "no more texts please",
        "take me off your list", "stop, call me instead? no: stop messaging",
        "No me mande más mensajes", "no quiero recibir mensajes", "dejen de escribirme", "darme de baja por favor",
        "wrong number", "Número equivocado",
    ],
)  # fmt: skip
def test_any_reasonable_opt_out_is_understood(text: str) -> None:
    assert meaning_of(text) is Meaning.OPT_OUT


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("C", Meaning.CONFIRM),
        ("c.", Meaning.CONFIRM),
        ("Confirmo", Meaning.CONFIRM),
        ("R", Meaning.CALL_ME),
        ("please call me tomorrow", Meaning.CALL_ME),
        ("llámame", Meaning.CALL_ME),
        ("START", Meaning.OPT_IN),
        ("help", Meaning.HELP),
        ("AYUDA", Meaning.HELP),
    ],
)
def test_requests_are_understood(text: str, meaning: Meaning) -> None:
    assert meaning_of(text) is meaning


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍",
        "thanks!",
        "I will be there",
        "the end of the week suits me",
        "my bus stops at Elm Street",
        "Can I cancel?",
    ],
)
def test_what_is_not_understood_does_nothing(text: str) -> None:
    assert meaning_of(text) is Meaning.OTHER


def test_an_opt_out_outranks_every_other_request() -> None:
    assert meaning_of("please call me and stop texting") is Meaning.OPT_OUT
