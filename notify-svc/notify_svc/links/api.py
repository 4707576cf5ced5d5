"""/l/{code}: where a short link in a text leads."""

from __future__ import annotations

from flask import Response, redirect
from flask_smorest import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from fascia.web.access import public
from fascia.web.running import current_runtime
from notify_svc.links.store import target_of

blp = Blueprint("links", __name__, description="Short links in texts")

# For a person with a phone, who may have lost a few letters of the link.
_UNKNOWN = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Link not known</title>
<h1>This link is not known</h1><p>Please open the whole link from the message that it came in.</p>
<p lang="es">Este enlace no es conocido. Por favor, abra el enlace completo del mensaje.</p></html>
"""


@blp.route("/l/<code>", methods=["GET"])
@public("the code is the key; it leads to a signed link and does nothing itself")
def follow(code: str) -> AnyResponse:
    """Lead to the signed link. Nothing happens by following it, for scanners of mails and texts follow links too."""
    runtime = current_runtime()
    target = target_of(runtime.database, runtime.keyring, code)
    if target is None:
        return Response(_UNKNOWN, status=404, content_type="text/html; charset=utf-8")
    return redirect(target, code=302)
