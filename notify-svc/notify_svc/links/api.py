"""/l/{code}: where a short link in a text leads."""

from __future__ import annotations

from fascia.web.access import public
from fascia.web.running import current_runtime
from flask import redirect
from flask_smorest import Blueprint
from werkzeug.wrappers import Response

from notify_svc.links.store import target_of

blp = Blueprint("links", __name__, description="Short links in texts")


@blp.route("/l/<code>", methods=["GET"])
@public("the code is the key; it leads to a signed link and does nothing itself")
def follow(code: str) -> Response:
    """Lead to the signed link. Nothing happens by following it, for scanners of mails and texts follow links too."""
    runtime = current_runtime()
    return redirect(target_of(runtime.database, runtime.keyring, code, runtime.clock.now()), code=302)
