"""Settings that contradict each other are refused at the start."""

from __future__ import annotations

import pytest

from fascia.settings import SettingsError, load
from notify_svc.settings import NotifySettings

NEEDED = {
    "FASCIA_MONGODB_URI": "mongodb://127.0.0.1/",
    "FASCIA_KAFKA_BOOTSTRAP": "127.0.0.1:9",
    "FASCIA_KEYRING_FILE": "keys.json",
}


def test_the_defaults_agree_with_each_other() -> None:
    assert load(NotifySettings, NEEDED).send_threads == 8


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"FASCIA_PROVIDER_TIMEOUT_SECONDS": "10"}, "FASCIA_ATTEMPT_LEASE_SECONDS"),
        ({"FASCIA_OPT_OUT_CONFIRMED_BY": "nobody"}, "FASCIA_OPT_OUT_CONFIRMED_BY"),
    ],
)
def test_what_cannot_be_is_named(environ: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(NotifySettings, {**NEEDED, **environ})
