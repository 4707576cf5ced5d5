"""Whoever must reach a therapist hears of every change, sealed on its way."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.embedded


def test_a_therapist_who_is_added_or_changed_is_told_of_sealed(practice: Any) -> None:
    known = practice.desk.get("/v1/therapists/alma")
    changed = {name: value for name, value in known.json.items() if name != "version"}
    changed |= {"phone": "+16175550177", "active": False}
    practice.made("put", "/v1/therapists/alma", changed, 200, headers={"If-Match": known.headers["ETag"]})

    added, updated = practice.harness.published("therapist.updated")

    assert (added.key, added.data["active"]) == ("alma", True)
    assert (updated.data["phone"], updated.data["active"]) == ("+16175550177", False)
    assert updated.data["version"] > added.data["version"]
    assert "+16175550177" not in practice.harness.raw()
