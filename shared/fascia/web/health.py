"""Is the process alive, and can it serve? Kafka away does not make a web process unready: the outbox absorbs that."""

from __future__ import annotations

from typing import Any

import pymongo
from flask import Blueprint, jsonify
from pymongo.errors import PyMongoError

from fascia.backbone.outbox import Outbox
from fascia.web.access import public
from fascia.web.running import current_runtime, kit

PING_SECONDS = 1.0


def blueprint() -> Blueprint:
    """The routes /health/live and /health/ready."""
    health = Blueprint("health", __name__)
    health.add_url_rule("/health/live", view_func=live, methods=["GET"])
    health.add_url_rule("/health/ready", view_func=ready, methods=["GET"])
    return health


@public("a supervisor asks before anybody has a token")
def live() -> Any:
    """The process answers."""
    return jsonify(status="live", service=kit().service.name)


@public("a supervisor asks before anybody has a token")
def ready() -> Any:
    """The database answers; the age of the outbox is told, and does not decide."""
    runtime = current_runtime()
    try:
        with pymongo.timeout(PING_SECONDS):
            runtime.database.command("ping")
            oldest = Outbox(runtime.database).oldest_pending()
    except PyMongoError as error:
        answer = jsonify(status="unready", service=kit().service.name, database=type(error).__name__)
        answer.status_code = 503
        return answer
    age = (runtime.clock.now() - oldest).total_seconds() if oldest else 0.0
    return jsonify(
        status="ready",
        service=kit().service.name,
        database="ok",
        outbox_age_seconds=round(max(age, 0.0), 3),
        **kit().service.details(runtime),
    )
