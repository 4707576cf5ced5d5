"""/v1/messaging-policy"""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.etag import required_version, set_etag
from fascia.web.unit import command, current_uow, query
from notify_svc.policy.messaging_policy import MessagingPolicy
from notify_svc.policy.schemas import MessagingPolicyRequestSchema, MessagingPolicySchema
from notify_svc.policy.store import Policies
from notify_svc.versions import expect

blp = Blueprint("messaging-policy", __name__, description="How the practice wants to message its patients")


@blp.route("/v1/messaging-policy", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.DISPATCHER, Role.AUDITOR, Role.SERVICE)
@query
@blp.response(200, MessagingPolicySchema)
def get_policy() -> MessagingPolicy:
    """The policy in force; version 1 is what applies until the practice says otherwise."""
    policy = Policies(current_uow()).current()
    set_etag(policy.version)
    return policy


@blp.route("/v1/messaging-policy", methods=["PUT"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(MessagingPolicyRequestSchema)
@blp.response(200, MessagingPolicySchema)
def put_policy(body: dict[str, Any]) -> MessagingPolicy:
    """Replace the policy. Reminders already planned keep their times; quiet hours and limits apply to them too."""
    policies = Policies(current_uow())
    present = policies.current()
    expect(present.version, required_version())
    policy = present.changed(body)
    policies.save(policy)
    set_etag(policy.version)
    return policy
