"""/metrics: the numbers of this process for Prometheus."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fascia.web.access import public


def blueprint() -> Blueprint:
    """The route /metrics."""
    metrics = Blueprint("metrics", __name__)
    metrics.add_url_rule("/metrics", view_func=exposition, methods=["GET"])
    return metrics


@public("Prometheus scrapes it; it holds numbers by route and topic, nothing about a person")
def exposition() -> Response:
    """All metrics of this process in the Prometheus text format."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
