"""A client of the public REST APIs, as a script of a practice would write it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

_TIMEOUT_SECONDS = 30.0
_PATIENCE_SECONDS = 20.0


class RestError(RuntimeError):
    """A service refused or did not answer; the message holds its problem text."""

    def __init__(self, message: str, status: int = 0, body: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Answer:
    """A JSON answer, with the events that the request caused and the version it left."""

    status: int
    body: Any
    event: str | None
    etag: str | None


class Rest:
    """One service, one caller. Asks again while a service says that it is not there yet (503 with Retry-After)."""

    def __init__(self, base: str, token: str | None = None, traceparent: str | None = None) -> None:
        self.base = base
        self._session = requests.Session()
        self._session.trust_env = False  # everything here is on this machine, whatever proxy the shell names
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        if traceparent:
            self._session.headers["traceparent"] = traceparent

    def get(self, path: str, *, after: Sequence[str | None] = (), **query: Any) -> Answer:
        """GET; `query` becomes the query string."""
        return self._ask("GET", path, after=after, query=query)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        after: Sequence[str | None] = (),
        etag: str | None = None,
        key: str | None = None,
    ) -> Answer:
        """POST JSON. `etag` is sent as If-Match, `key` as Idempotency-Key, `after` as Fascia-After."""
        return self._ask("POST", path, body, after=after, etag=etag, key=key)

    def put(self, path: str, body: Any, *, etag: str | None = None) -> Answer:
        """PUT JSON."""
        return self._ask("PUT", path, body, etag=etag)

    def send(self, path: str, text: bytes, content_type: str) -> Answer:
        """POST something other than JSON."""
        return self._ask("POST", path, text, content_type=content_type)

    def every(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All items of a paged list."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.get(path, **query, limit=200, **({"cursor": cursor} if cursor else {})).body
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def _ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        after: Sequence[str | None] = (),
        etag: str | None = None,
        key: str | None = None,
        query: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        headers = {"Content-Type": content_type} if body is not None else {}
        events = ",".join(event for event in after if event)
        headers |= {
            name: value
            for name, value in (("Fascia-After", events), ("If-Match", etag), ("Idempotency-Key", key))
            if value
        }
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            answer = self._once(method, path, data, headers, query)
            if answer.status_code != 503 or time.monotonic() > end:
                return _read(method, f"{self.base}{path}", answer)
            time.sleep(min(float(answer.headers.get("Retry-After", "1")), 1.0))

    def _once(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str], query: Mapping[str, Any] | None
    ) -> requests.Response:
        try:
            return self._session.request(
                method, self.base + path, data=data, headers=dict(headers), params=query, timeout=_TIMEOUT_SECONDS
            )
        except requests.RequestException as error:
            raise RestError(f"{method} {self.base}{path}: no answer ({type(error).__name__})") from None


def _read(method: str, url: str, answer: requests.Response) -> Answer:
    is_json = "json" in answer.headers.get("Content-Type", "")
    body = answer.json() if is_json and answer.content else answer.text
    if not answer.ok:
        raise RestError(f"{method} {url} answered {answer.status_code}: {_problem(body)}", answer.status_code, body)
    headers = answer.headers
    return Answer(answer.status_code, body, headers.get("Fascia-Event"), headers.get("ETag"))


def _problem(body: Any) -> str:
    if not isinstance(body, dict):
        return str(body)[:300]
    errors = "; ".join(f"{error.get('field')}: {error.get('message')}" for error in body.get("errors", []))
    return f"{body.get('detail') or body.get('title')}" + (f" ({errors})" if errors else "")
