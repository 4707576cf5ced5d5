"""OSRM over HTTP: the table service of its API v1, on connections that are kept open."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, Full, LifoQueue
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from scheduling_svc.travel.travel import Because
from scheduling_svc.workforce.place import Coordinates

_CHUNK = 65_536
_LARGEST_ANSWER = 64_000_000
_KEPT_CONNECTIONS = 8
_UNPLACED = re.compile(r"coordinate (\d+)")


class RoadsSilent(Exception):
    """The engine told nothing that could be used."""

    def __init__(self, because: Because, detail: str) -> None:
        super().__init__(detail)
        self.because = because


class PlaceOffRoad(Exception):
    """The engine refuses a whole table because one of its places is near no road."""

    def __init__(self, index: int) -> None:
        super().__init__(f"place {index}")
        self.index = index


@dataclass(frozen=True)
class Table:
    """`seconds[i][j]` from the i-th origin to the j-th destination, None where no road leads; `off_road` are the metres
    from each origin, then from each destination, to the road that stands for it."""

    seconds: tuple[tuple[float | None, ...], ...]
    off_road: tuple[float, ...]


class Osrm:
    """A server at an address such as http://127.0.0.1:5000. Used by many threads."""

    def __init__(self, url: str, timeout_seconds: float, clock: Callable[[], float] = monotonic) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an http or https address")
        self._address = (parts.hostname, parts.port)
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._path = parts.path.rstrip("/")
        self._timeout = timeout_seconds
        self._clock = clock
        self._idle: LifoQueue[HTTPConnection] = LifoQueue(_KEPT_CONNECTIONS)

    def table(self, origins: Sequence[Coordinates], destinations: Sequence[Coordinates]) -> Table:
        """Free-flow drive times. Raises RoadsSilent or PlaceOffRoad, whose index counts origins, then destinations."""
        points = ";".join(f"{at.longitude:.6f},{at.latitude:.6f}" for at in (*origins, *destinations))
        rows = _indices(range(len(origins)))
        columns = _indices(range(len(origins), len(origins) + len(destinations)))
        answer = self._get(f"{self._path}/table/v1/driving/{points}?sources={rows}&destinations={columns}")
        return _table(answer, len(origins), len(destinations))

    def _get(self, path: str) -> Any:
        deadline = self._clock() + self._timeout
        try:
            status, body = self._exchange(path, deadline)
        except TimeoutError as error:
            raise RoadsSilent(Because.SLOW, f"no answer within {self._timeout:g} s") from error
        except (OSError, HTTPException) as error:
            raise RoadsSilent(Because.AWAY, type(error).__name__) from error
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise RoadsSilent(Because.AWAY, f"HTTP {status} without JSON") from error
        if status != HTTPStatus.OK or not isinstance(answer, dict) or answer.get("code") != "Ok":
            raise _refused(status, answer)
        return answer

    def _exchange(self, path: str, deadline: float) -> tuple[int, bytes]:
        try:
            kept = self._idle.get_nowait()
        except Empty:
            return self._ask(self._connection(), path, deadline)
        try:
            return self._ask(kept, path, deadline)
        except TimeoutError:
            raise
        except (OSError, HTTPException):  # closed by the other side while it was idle
            return self._ask(self._connection(), path, deadline)

    def _connection(self) -> HTTPConnection:
        host, port = self._address
        return self._kind(host, port, timeout=self._timeout)

    def _ask(self, connection: HTTPConnection, path: str, deadline: float) -> tuple[int, bytes]:
        try:
            self._allow(connection, deadline)
            connection.request("GET", path, headers={"Accept": "application/json"})
            response = connection.getresponse()
            body = bytearray()
            # The socket's time limit is per read; an answer in drips must not take longer either.
            while chunk := response.read1(_CHUNK):
                body += chunk
                self._allow(connection, deadline)
                if len(body) > _LARGEST_ANSWER:
                    raise HTTPException("the answer is too long")
        except BaseException:
            connection.close()
            raise
        stays_open = not response.will_close
        response.close()  # only then does the connection take another request
        if stays_open:
            self._keep(connection)
        else:
            connection.close()
        return response.status, bytes(body)

    def _allow(self, connection: HTTPConnection, deadline: float) -> None:
        left = deadline - self._clock()
        if left <= 0:
            raise TimeoutError
        connection.timeout = left
        if connection.sock is not None:
            connection.sock.settimeout(left)

    def _keep(self, connection: HTTPConnection) -> None:
        try:
            self._idle.put_nowait(connection)
        except Full:  # as many are kept as are of use
            connection.close()


def _indices(numbers: Iterable[int]) -> str:
    return ";".join(map(str, numbers))


def _refused(status: int, answer: Any) -> Exception:
    code = answer.get("code") if isinstance(answer, dict) else None
    message = str(answer.get("message", "")) if isinstance(answer, dict) else ""
    named = _UNPLACED.search(message)
    if code == "NoSegment" and named:
        return PlaceOffRoad(int(named[1]))
    return RoadsSilent(Because.AWAY, f"HTTP {status}, code {str(code)[:40]}")


def _table(answer: Any, rows: int, columns: int) -> Table:
    """The answer, if it has the shape that was asked for; raises RoadsSilent."""
    try:
        seconds = tuple(tuple(None if cell is None else _duration(cell) for cell in row) for row in answer["durations"])
        off_road = tuple(_duration(at["distance"]) for at in (*answer["sources"], *answer["destinations"]))
    except (KeyError, TypeError, ValueError) as error:
        raise RoadsSilent(Because.AWAY, f"an answer without {error}") from error
    if len(seconds) != rows or any(len(row) != columns for row in seconds) or len(off_road) != rows + columns:
        raise RoadsSilent(Because.AWAY, "a table of another size than was asked for")
    return Table(seconds, off_road)


def _duration(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or number < 0:
        raise ValueError("finite numbers")
    return number
