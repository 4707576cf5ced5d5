"""/v1/pay/simulations: what a plan would have paid, before it is switched on."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.unit import current_uow, query
from outcomes_svc.simulation.past_pay import PastPay
from outcomes_svc.simulation.schemas import PastPaySchema, SimulationRequestSchema
from outcomes_svc.simulation.store import simulate_past

blp = Blueprint("pay simulations", __name__, description="Pay simulations")


@blp.route("/v1/pay/simulations", methods=["POST"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER)
@query
@blp.arguments(SimulationRequestSchema)
@blp.response(200, PastPaySchema)
def simulate_pay(body: dict[str, Any]) -> PastPay:
    """Compute what a plan would have paid whom for past episodes. Nothing is kept and nobody is told."""
    return simulate_past(current_uow(), body["opened_from"], body["opened_until"], body["outcome"])
