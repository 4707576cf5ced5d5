"""Metrics of drive times: whether the routing engine answers, how fast, and how much had to be estimated."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

_ASKED = Counter("fascia_roads_asked", "Tables asked of the routing engine, by what became of it.", ("outcome",))
_ASKED_SECONDS = Histogram("fascia_roads_seconds", "Time of one table of the routing engine.", buckets=_SECONDS)
_UP = Gauge("fascia_roads_up", "1 while the routing engine answers, 0 while drive times fall back to the estimate.")
_ESTIMATED = Counter("fascia_travel_fallbacks", "Searches and plans with estimated drives, by reason.", ("because",))


def asked(outcome: str, seconds: float) -> None:
    """A table was asked for."""
    _ASKED.labels(outcome).inc()
    _ASKED_SECONDS.observe(seconds)


def roads_up(is_up: bool) -> None:
    """Whether the engine is asked at all."""
    _UP.set(1 if is_up else 0)


def fell_back(because: str) -> None:
    """Places were prepared, and the engine did not tell all legs between them."""
    _ESTIMATED.labels(because).inc()
