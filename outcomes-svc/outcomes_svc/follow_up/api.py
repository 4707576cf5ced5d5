"""/v1/follow-up-policy and /v1/response-rates: how patients are asked, and how many of them answer."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access, current_principal
from fascia.web.etag import required_version, set_etag
from fascia.web.unit import command, current_uow, query
from outcomes_svc.follow_up.asked_in_period import ResponseRates, change_policy, policy_of, response_rates
from outcomes_svc.follow_up.policy import FollowUpPolicy
from outcomes_svc.follow_up.schemas import (
    FollowUpPolicyQuerySchema,
    FollowUpPolicyRequestSchema,
    FollowUpPolicySchema,
    ResponseRateQuerySchema,
    ResponseRatesSchema,
)

blp = Blueprint("follow-up", __name__, description="How patients are asked, and how many answer")


@blp.route("/v1/follow-up-policy", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE)
@query
@blp.arguments(FollowUpPolicyQuerySchema, location="query")
@blp.response(200, FollowUpPolicySchema)
def get_policy(wanted: dict[str, Any]) -> FollowUpPolicy:
    """The policy in force, or an earlier version; version 1 is what applies until the practice says otherwise."""
    policy = policy_of(current_uow(), wanted.get("version"))
    set_etag(policy.version)
    return policy


@blp.route("/v1/follow-up-policy", methods=["PUT"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(FollowUpPolicyRequestSchema)
@blp.response(200, FollowUpPolicySchema)
def put_policy(body: dict[str, Any]) -> FollowUpPolicy:
    """Replace the policy. It reaches every patient within a day; what was asked before stays as it is."""
    policy = change_policy(current_uow(), body, required_version())
    set_etag(policy.version)
    return policy


@blp.route("/v1/response-rates", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR)
@query
@blp.arguments(ResponseRateQuerySchema, location="query")
@blp.response(200, ResponseRatesSchema)
def get_response_rates(wanted: dict[str, Any]) -> ResponseRates:
    """How many requests of a period were answered. A therapist sees their own."""
    principal = current_principal()
    if not principal.has(Role.OWNER, Role.ADMIN, Role.AUDITOR):
        wanted = {**wanted, "therapist_id": principal.subject}
    return response_rates(
        current_uow(), wanted["since"], wanted["until"], wanted.get("therapist_id"), wanted.get("episode_id")
    )
