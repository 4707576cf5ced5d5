"""/v1/crisis-guidance: what the page tells a patient after an answer that a person should see at once."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access, current_principal
from fascia.web.unit import command, current_uow, query
from outcomes_svc.patient_page.changing_guidance import CrisisGuidance, change_guidance, crisis_guidance
from outcomes_svc.patient_page.guidance import Contact, Guidance, Way
from outcomes_svc.patient_page.schemas import CrisisGuidanceSchema, GuidanceChangeSchema

blp = Blueprint("crisis-guidance", __name__, description="Where patients find help")


@blp.route("/v1/crisis-guidance", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE)
@query
@blp.response(200, CrisisGuidanceSchema)
def get_guidance() -> CrisisGuidance:
    """What patients read after an answer that a person should see at once (PHQ-9, item 9)."""
    return crisis_guidance(current_uow())


@blp.route("/v1/crisis-guidance", methods=["PUT"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(GuidanceChangeSchema)
@blp.response(200, CrisisGuidanceSchema)
def put_guidance(body: dict[str, Any]) -> CrisisGuidance:
    """Say it in the practice's own words. Every version is kept, with who changed it and when."""
    texts = {
        said["language"]: Guidance(
            said["text"], tuple(Contact(Way(each["way"]), each["number"], each["label"]) for each in said["contacts"])
        )
        for said in body["texts"]
    }
    return change_guidance(current_uow(), texts, current_principal().subject)
