"""The request's unit of work: one transaction around a command, none around a query."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import Response, g, make_response, request
from pymongo.errors import DuplicateKeyError, PyMongoError, ServerSelectionTimeoutError

from fascia.problem import StaleVersion
from fascia.store.unit_of_work import PublishedEvent, UnitOfWork
from fascia.web import etag, headers, idempotency
from fascia.web.access import current_principal, guard_of
from fascia.web.problems import database_away, duplicate
from fascia.web.running import current_runtime

__all__ = ["EVENT_HEADER", "beforehand", "command", "current_runtime", "current_uow", "query"]

View = TypeVar("View", bound=Callable[..., Any])

EVENT_HEADER = "Fascia-Event"


class _Refused(Exception):
    """Carries an answer of 400 or above out of the transaction, so that nothing of it is kept."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class _KeyUsed(Exception):
    """The command failed, and its Idempotency-Key was used: perhaps it failed because it was done before."""


def command(view: View) -> View:
    """Run the view in one transaction: argument parsing, rules, writes, events, answer and Idempotency-Key record.

    It stands directly below `@access`. The view may run more than once, after a write conflict or under a key that was
    used, so it changes nothing but the unit of work. A view that raises, or that answers with 400 or above, leaves
    nothing behind.
    """
    _not_around_access(view)

    @wraps(view)
    def commanded(*args: Any, **path: Any) -> Response:
        principal = current_principal()
        key = idempotency.requested_key()

        def run(look_first: bool) -> Response:
            def work(uow: UnitOfWork) -> Response:
                g.fascia_uow = uow
                # What an attempt that was given up has asked for.
                etag.forget()
                headers.forget_page_policy()
                return _attempt(uow, key, look_first, lambda: _answer(view, args, path))

            return current_runtime().transaction(principal.practice_id, work, principal=principal)

        try:
            return _twice(run)
        except _Refused as refused:
            return refused.response
        finally:
            g.pop("fascia_uow", None)

    commanded.__dict__["fascia_unit"] = "command"
    return commanded  # type: ignore[return-value]


def query(view: View) -> View:
    """Give the view a unit of work to read with; there is no transaction."""
    _not_around_access(view)

    @wraps(view)
    def queried(*args: Any, **path: Any) -> Response:
        principal = current_principal()
        g.fascia_uow = current_runtime().reading(principal.practice_id, principal=principal)
        try:
            return _answer(view, args, path)
        finally:
            g.pop("fascia_uow", None)

    queried.__dict__["fascia_unit"] = "query"
    return queried  # type: ignore[return-value]


def beforehand(prepare: Callable[..., None]) -> Callable[[View], View]:
    """Call `prepare(uow, body, **path)` before the transaction of the `@command` below it: others are asked there.

    uow: to read with. body: the JSON as it came, unchecked, None where it is none. path: the arguments of the route.
    """

    def decorate(view: View) -> View:
        _not_around_access(view)

        @wraps(view)
        def prepared(*args: Any, **path: Any) -> Any:
            reading = current_runtime().reading(current_principal().practice_id)
            prepare(reading, request.get_json(silent=True), **path)
            return view(*args, **path)

        return cast("View", prepared)

    return decorate


def current_uow() -> UnitOfWork:
    """The unit of work of this request; raises RuntimeError outside `@command` and `@query`."""
    uow = g.get("fascia_uow")
    if uow is None:
        raise RuntimeError(f"{request.url_rule}: current_uow() is used outside @command and @query")
    assert isinstance(uow, UnitOfWork)
    return uow


def _attempt(uow: UnitOfWork, key: str | None, look_first: bool, answer: Callable[[], Response]) -> Response:
    try:
        if look_first and (replayed := idempotency.replay(uow, key)) is not None:
            return replayed
        response = _accepted(uow, None if look_first else key, answer)
        idempotency.remember(uow, key, response)
        _flush(uow, None if look_first else key)
    except ServerSelectionTimeoutError:
        # The driver has already waited for a new primary; left to itself it would try for two minutes more, with one
        # thread of this process held by each request.
        raise database_away() from None
    return response


def _accepted(uow: UnitOfWork, unseen_key: str | None, answer: Callable[[], Response]) -> Response:
    """The view's answer, if it is one to keep. A failure under a key that was used is no answer yet."""
    try:
        response = answer()
        _name_events(response, uow.published)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise _Refused(response)
    except PyMongoError:
        raise
    except Exception:
        # In the snapshot that the view judged by: had an earlier run of this command caused the failure, its record
        # would be there too.
        if idempotency.is_used(uow, unseen_key):
            raise _KeyUsed from None
        raise
    return response


def _flush(uow: UnitOfWork, unseen_key: str | None) -> None:
    try:
        uow.flush()
    except StaleVersion:
        # This transaction has its own record of the key by now, so it cannot tell whether there was one.
        if unseen_key is not None:
            raise _KeyUsed from None
        raise


def _twice(run: Callable[[bool], Response]) -> Response:
    # The loser of a race for a unique value, an Idempotency-Key included, runs once more, from the start and in a new
    # transaction: it then sees the winner, and the use case's own check answers (or the stored answer is replayed).
    try:
        return run(False)
    except (DuplicateKeyError, _KeyUsed):
        pass
    try:
        return run(True)
    except DuplicateKeyError as error:
        raise duplicate(error) from None


def _answer(view: Callable[..., Any], args: tuple[Any, ...], path: dict[str, Any]) -> Response:
    response: Response = make_response(view(*args, **path))
    if response.status_code == HTTPStatus.NO_CONTENT:
        response.set_data(b"")
    return etag.apply(response)


def _name_events(response: Response, published: list[PublishedEvent]) -> None:
    if published:
        response.headers[EVENT_HEADER] = ", ".join(f"{event.type}/{event.id}" for event in published)


def _not_around_access(view: Callable[..., Any]) -> None:
    if guard_of(view):
        raise TypeError(f"{view.__name__}: @command and @query stand below @access and @public, not above")
