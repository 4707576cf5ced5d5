"""Bad input: every refusal names the field and the fix, and leaves nothing half done."""

from __future__ import annotations

import io
from typing import Any

import pytest

from fascia.testing.harness import Harness

JSON = {"content_type": "application/json"}


def send(toy: Harness, data: Any, path: str = "/v1/lamps", **options: Any) -> Any:
    return toy.as_("admin").request("POST", path, data=data, **{**JSON, **options})


def refusal(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem: dict[str, Any] = answer.json
    assert {"type", "title", "status", "code", "detail", "errors", "request_id"} <= set(problem)
    assert problem["status"] == status
    for error in problem["errors"]:
        assert set(error) == {"field", "message", "fix"}
        assert error["message"]
        assert error["fix"]
    return problem


def by_field(problem: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {error["field"]: error for error in problem["errors"]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"name": "desk",}', "line 1, column 17"),
        (b'{\n  "name": desk\n}', "line 2, column 11"),
        (b"{", "line 1"),
        (b"\xff\xfe", "byte 1 is not UTF-8"),
        (b'{"name": "\\ud800"}', "half a character"),
        (b'{"watts": NaN}', "NaN"),
        (b'{"watts": 1e999}', "64 bits"),
        (b'{"watts": 9999999999999999999}', "64 bits"),
        (b'{"watts": ' + b"9" * 5000 + b"}", "64 bits"),
        (b'{"name": "a", "name": "b"}', "'name' appears twice"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_json_is_told_where(toy: Harness, body: bytes, said: str) -> None:
    problem = refusal(send(toy, body), 400)
    assert problem["code"] == "malformed-json"
    assert said in problem["detail"]


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"3", b"null", b"true"])
def test_json_that_is_no_object_is_refused(toy: Harness, body: bytes) -> None:
    problem = refusal(send(toy, body), 422)
    assert "object" in problem["errors"][0]["message"] or "required" in problem["errors"][0]["message"]


def test_an_empty_body_names_what_is_missing(toy: Harness) -> None:
    assert by_field(refusal(send(toy, b""), 422))["name"]["fix"].startswith("Add it.")


def test_another_media_type_is_refused_with_the_right_one(toy: Harness) -> None:
    problem = refusal(send(toy, b"name=desk", content_type="application/x-www-form-urlencoded"), 415)
    assert "application/json" in problem["detail"]


def test_unknown_fields_are_named_at_every_depth_with_a_guess(toy: Harness) -> None:
    body = {"name": "desk", "wats": 3, "parts": [{"name": "a"}, {"name": "b", "colour": "red"}]}
    fields = by_field(refusal(toy.as_("admin").post("/v1/lamps", body), 422))
    assert set(fields) == {"wats", "parts.1.colour"}
    assert "watts" in fields["wats"]["fix"]
    assert "name" in fields["parts.1.colour"]["fix"]


def test_every_wrong_field_is_told_at_once(toy: Harness) -> None:
    body = {"name": 3, "watts": "many", "parts": "none", "time_zone": "Boston"}
    fields = by_field(refusal(toy.as_("admin").post("/v1/lamps", body), 422))
    assert set(fields) == {"name", "watts", "parts", "time_zone"}
    assert fields["name"]["fix"] == "Send 1 to 200 characters."
    assert "America/New_York" in fields["time_zone"]["fix"]


def test_a_null_is_not_a_value(toy: Harness) -> None:
    fields = by_field(refusal(toy.as_("admin").post("/v1/lamps", {"name": None}), 422))
    assert "Leave it out" in fields["name"]["fix"]


@pytest.mark.parametrize("local", ["2027-03-14T02:30", "2027-03-14T02:59"])
def test_a_wall_time_that_the_clocks_skip_is_refused(toy: Harness, local: str) -> None:
    body = {"name": "desk", "local_time": local, "time_zone": "America/New_York"}
    fields = by_field(refusal(toy.as_("admin").post("/v1/lamps", body), 422))
    assert "does not exist" in fields["local_time"]["message"]


@pytest.mark.parametrize(
    "local", ["2027-03-14", "2027-03-14T09:00Z", "2027-03-14T09:00-04:00", "2027-02-30T09:00", "9 am"]
)
def test_what_is_no_wall_time_is_refused(toy: Harness, local: str) -> None:
    fields = by_field(refusal(toy.as_("admin").post("/v1/lamps", {"name": "desk", "local_time": local}), 422))
    assert "YYYY-MM-DDTHH:MM" in fields["local_time"]["fix"]


def test_a_query_is_as_strict_as_a_body(toy: Harness) -> None:
    fields = by_field(refusal(toy.as_("admin").get("/v1/lamps?limit=1000&cursor=zzz&color=red&watts=x"), 422))
    assert set(fields) == {"limit", "cursor", "color", "watts"}
    assert fields["limit"]["fix"] == "Send 1 to 200."


def test_pages_follow_each_other_without_gaps_or_repeats(toy: Harness) -> None:
    admin = toy.as_("admin")
    for number in range(5):
        admin.post("/v1/lamps", {"name": f"lamp {number}"})
    seen: list[str] = []
    path = "/v1/lamps?limit=2"
    for _ in range(3):
        page = admin.get(path).json
        seen += [lamp["name"] for lamp in page["items"]]
        path = f"/v1/lamps?limit=2&cursor={page['next_cursor']}"
    assert seen == [f"lamp {number}" for number in range(5)]
    assert page["next_cursor"] is None


def test_a_body_over_the_limit_is_refused_before_it_is_read(toy: Harness) -> None:
    problem = refusal(send(toy, b'{"name": "' + b"x" * toy.settings.max_body_bytes + b'"}'), 413)
    assert f"{toy.settings.max_body_bytes:,} bytes" in problem["detail"]


def test_a_route_can_have_a_limit_of_its_own(toy: Harness) -> None:
    assert send(toy, b'{"name": "ab"}', path="/v1/small").status_code == 204
    assert "64 bytes" in refusal(send(toy, b'{"name": "' + b"x" * 80 + b'"}', path="/v1/small"), 413)["detail"]


def test_a_body_of_unknown_length_is_refused_once_it_is_over_the_limit(toy: Harness) -> None:
    body = io.BytesIO(b'{"name": "' + b"x" * 1000 + b'"}')
    answer = toy.as_("admin").request(
        "POST",
        "/v1/small",
        input_stream=body,
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    refusal(answer, 413)


def test_an_address_that_is_not_there(toy: Harness) -> None:
    assert refusal(toy.as_("admin").get("/v1/nothing"), 404)["code"] == "not-found"


def test_a_method_that_is_not_there_names_those_that_are(toy: Harness) -> None:
    answer = toy.as_("admin").delete("/v1/lamps")
    assert "GET" in refusal(answer, 405)["detail"]
    assert "POST" in answer.headers["Allow"]
