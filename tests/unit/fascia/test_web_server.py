"""The web process ends with one clear line when its settings cannot work."""

from __future__ import annotations

import pytest

from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.web.server import serve


def test_without_an_issuer_nothing_is_served() -> None:
    settings = ServiceSettings(mongodb_uri="mongodb://127.0.0.1:9", kafka_bootstrap="127.0.0.1:9", keyring_file="none")
    with pytest.raises(SystemExit, match="toy-svc: FASCIA_OIDC_ISSUER is not set"):
        serve(Service(name="toy-svc", settings=ServiceSettings), settings)
