"""What can go wrong in a way that the caller can mend. Pure: the web kit turns these into RFC 9457 answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple


class FieldError(NamedTuple):
    """One field of the request, what is wrong with it, and what to send instead."""

    field: str
    message: str
    fix: str


class Problem(Exception):
    """A refusal with a stable code, an HTTP status and, where it has one, the field and the fix."""

    status: ClassVar[int] = 500

    def __init__(self, code: str, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)


class _FieldProblem(Problem):
    def __init__(self, code: str, detail: str, field: str | None = None, fix: str | None = None) -> None:
        errors = [FieldError(field, detail, fix or "")] if field else []
        super().__init__(code, detail, errors=errors)


class RuleViolation(_FieldProblem):
    """The request is well formed but a rule of the domain forbids it."""

    status = 422


class Conflict(_FieldProblem):
    """The request contradicts the present state; it may succeed once that changed."""

    status = 409


class Forbidden(_FieldProblem):
    """The caller is known and may not do this."""

    status = 403


class Gone(_FieldProblem):
    """It existed and is over, such as an expired link."""

    status = 410


class NotFound(Problem):
    """Nothing of this id exists for this practice."""

    status = 404

    def __init__(self, what: str, id_: str) -> None:
        super().__init__("not-found", f"No {what} with id {id_!r} in this practice.")


class StaleVersion(Problem):
    """Somebody else changed the resource since it was read."""

    status = 412

    def __init__(self, expected: int) -> None:
        super().__init__(
            "stale-version",
            f"Version {expected} is no longer the latest. Read the resource again and repeat the change.",
        )
        self.expected = expected


class PreconditionRequired(Problem):
    """A change must say which version it is based on."""

    status = 428

    def __init__(self) -> None:
        super().__init__(
            "if-match-required", 'Send If-Match with the ETag of the version that you read, for example If-Match: "3".'
        )


class Unavailable(Problem):
    """Not now; the same request may succeed after `retry_after` seconds."""

    status = 503

    def __init__(self, code: str, detail: str, retry_after: int = 1) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after
