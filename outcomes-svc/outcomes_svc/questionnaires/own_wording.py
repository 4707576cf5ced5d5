"""This project's own wording in other languages than the instruments' files have it: data of the package. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.questionnaires.wording import OWN_VERSION, ItemWording, Wording


def own_wordings(instrument: Instrument) -> list[Wording]:
    """The shipped wordings of this version of an instrument in other languages."""
    return _shipped().get((instrument.id, instrument.version), [])


@cache
def _shipped() -> Mapping[tuple[str, str], list[Wording]]:
    folder = resources.files("outcomes_svc.questionnaires").joinpath("data")
    found: dict[tuple[str, str], list[Wording]] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.startswith("own."):
            data = json.loads(file.read_text(encoding="utf-8"))
            for form in data["instruments"]:
                found.setdefault((form["instrument"], form["version"]), []).append(_wording(form, data["language"]))
    return found


def _wording(form: Mapping[str, Any], language: str) -> Wording:
    return Wording(
        instrument=form["instrument"],
        instrument_version=form["version"],
        language=language,
        version=OWN_VERSION,
        questionnaire_id="",
        title="",
        introduction=form["introduction"],
        items=tuple(
            ItemWording(
                code=code,
                link_id=code,
                text=words["text"],
                lowest_label=words["lowest"],
                highest_label=words["highest"],
            )
            for code, words in form["items"].items()
        ),
        imported_at=None,
    )
