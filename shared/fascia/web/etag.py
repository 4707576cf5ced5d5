"""Versions on the wire: ETag tells the version of what was read, If-Match names the version a change is based on."""

from __future__ import annotations

import re

from flask import Response, g, request

from fascia.problem import FieldError, PreconditionRequired
from fascia.web.problems import BadRequest

_QUOTED_NUMBER = re.compile(r'"([1-9][0-9]{0,9})"')


def set_etag(version: int) -> None:
    """Name the version of the resource that this answer shows."""
    g.fascia_etag = version


def required_version() -> int:
    """The version in If-Match; raises PreconditionRequired (428) without it, BadRequest (400) when it is no version."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise PreconditionRequired
    found = _QUOTED_NUMBER.fullmatch(header)
    if found is None:
        fix = 'Send the ETag of the version that you read, for example If-Match: "3".'
        raise BadRequest(
            "malformed-if-match",
            f"If-Match is not one version in double quotes. {fix}",
            errors=[FieldError("If-Match", "It is not one version in double quotes.", fix)],
        )
    return int(found[1])


def forget() -> None:
    """Drop what an earlier attempt of the same request named."""
    g.pop("fascia_etag", None)


def apply(response: Response) -> Response:
    """Put the named version on the answer."""
    version = g.get("fascia_etag")
    if version is not None and response.status_code < 400:
        response.headers["ETag"] = f'"{version}"'
    return response
