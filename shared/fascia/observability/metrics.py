"""The suite's metrics. Labels are services, routes, topics and event types: never an id, never anything of a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# A second series for each, which only says when the process began.
disable_created_metrics()  # type: ignore[no-untyped-call]

_LATENCY = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

# The web process. `route` is the rule, such as /v1/holds/<hold_id>, never the path.
REQUESTS = Counter(
    "fascia_http_requests", "HTTP requests by route and status.", ("service", "method", "route", "status")
)
REQUEST_SECONDS = Histogram(
    "fascia_http_request_seconds", "Time to answer an HTTP request.", ("service", "method", "route"), buckets=_LATENCY
)

# The relay: from the outbox to the broker.
OUTBOX_AGE = Gauge("fascia_outbox_age_seconds", "Age of the oldest event that is not sent yet.", ("service",))
OUTBOX_PENDING = Gauge(
    "fascia_outbox_pending", "Events that are not sent yet, as far as the relay looks.", ("service",)
)
RELAYED = Counter("fascia_events_relayed", "Events that the broker acknowledged.", ("service", "topic"))

# The consumer: from the broker to the effect.
CONSUMED = Counter("fascia_events_consumed", "Records by what became of them.", ("consumer", "topic", "fate"))
EVENT_DELAY = Histogram(
    "fascia_event_delay_seconds", "From an event's time to its effect here.", ("consumer", "topic"), buckets=_LATENCY
)
HANDLER_SECONDS = Histogram(
    "fascia_handler_seconds", "Time of the transaction that handles an event.", ("consumer", "type"), buckets=_LATENCY
)
RETRIES = Counter("fascia_handler_retries", "Handlers tried again in place.", ("consumer", "type"))
DEAD_LETTERS = Counter("fascia_dead_letters", "Records set aside.", ("consumer", "topic"))
LAG = Gauge(
    "fascia_consumer_lag", "Records of a partition that are not consumed yet.", ("consumer", "topic", "partition")
)
CONSUMER_PAUSED = Gauge(
    "fascia_consumer_paused", "1 while a consumer pauses because too many records fail.", ("consumer",)
)
