"""Settings: whoever deploys a service is told every variable that is missing, wrong or misspelt, at once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest

from fascia.settings import ServiceSettings, SettingsError, load, setting, variables

NEEDED = {
    "FASCIA_MONGODB_URI": "mongodb://127.0.0.1:1/",
    "FASCIA_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "FASCIA_KEYRING_FILE": "keyring.json",
}


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(ServiceSettings):
    ratio: float = setting("FASCIA_RATIO", 0.5, meaning="a part of a whole")
    dry_run: bool = setting("FASCIA_DRY_RUN", False, meaning="do nothing")


def test_what_is_set_is_read_in_its_type_and_the_rest_has_its_default() -> None:
    environ = {**NEEDED, "FASCIA_HTTP_PORT": "8101", "FASCIA_DRY_RUN": "TRUE", "FASCIA_RATIO": "0.25", "HOME": "/"}
    settings = load(ProbeSettings, environ)
    assert settings.http_port == 8101
    assert settings.dry_run is True
    assert settings.ratio == 0.25
    assert settings.http_host == "127.0.0.1"


def test_all_faults_are_told_at_once_and_each_names_its_variable() -> None:
    environ = {"FASCIA_HTTP_PORT": "eighty", "FASCIA_RATIO": "half", "FASCIA_DRY_RUN": "yes", "FASCIA_HTPP_HOST": "::"}
    with pytest.raises(SettingsError) as refused:
        load(ProbeSettings, environ)
    told = str(refused.value).split("; ")
    assert sorted(told) == [
        "FASCIA_DRY_RUN: 'yes' is neither true nor false",
        "FASCIA_HTPP_HOST is set but not a setting",
        "FASCIA_HTTP_PORT: 'eighty' is not a whole number",
        "FASCIA_KAFKA_BOOTSTRAP is not set: broker addresses, comma separated",
        "FASCIA_KEYRING_FILE is not set: JSON file with the keys that seal personal data",
        "FASCIA_MONGODB_URI is not set: database address, of a replica set",
        "FASCIA_RATIO: 'half' is not a number",
    ]


def test_an_empty_variable_is_a_missing_one() -> None:
    with pytest.raises(SettingsError, match="FASCIA_KEYRING_FILE is not set"):
        load(ProbeSettings, {**NEEDED, "FASCIA_KEYRING_FILE": ""})


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    settings = load(ServiceSettings, NEEDED)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.http_port = 1  # type: ignore[misc]


def test_the_list_of_variables_names_each_with_default_and_meaning() -> None:
    listed = {variable.name: variable for variable in variables(ProbeSettings)}
    assert listed["FASCIA_MONGODB_URI"].default is None
    assert listed["FASCIA_RATIO"].default == "0.5"
    assert all(variable.meaning for variable in listed.values())
    assert len(listed) == len(variables(ProbeSettings))
