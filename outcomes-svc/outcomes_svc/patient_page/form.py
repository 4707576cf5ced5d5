"""What a browser sends, as answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")


def answers_of_form(form: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Form fields (name to all values sent) as answers. An empty field is a missing answer.

    What is no number, or was sent twice, stays text, so that scoring refuses it by name.
    """
    return {name: _answer(values) for name, values in form.items()}


def _answer(values: Sequence[str]) -> object:
    text = " ".join(value.strip() for value in values).strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
