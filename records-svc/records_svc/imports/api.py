"""Imports over HTTP."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import request
from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.body import body_limit
from fascia.web.problems import UnsupportedMedia
from fascia.web.unit import command, current_uow
from records_svc.imports.importing import import_chunk
from records_svc.imports.line import Outcome
from records_svc.imports.schemas import ImportQuerySchema, ImportSchema
from records_svc.roles import IMPORTERS

blp = Blueprint("imports", __name__, description="What other systems hold about patients")

MEDIA_TYPES = ("application/fhir+ndjson", "application/ndjson", "application/x-ndjson")
MAX_BYTES = 8_000_000


@blp.route("/v1/imports/fhir", methods=["POST"])
@access(*IMPORTERS)
@command
@body_limit(MAX_BYTES)
@blp.doc(requestBody={"required": True, "content": {MEDIA_TYPES[0]: {"schema": {"type": "string"}}}})
@blp.arguments(ImportQuerySchema, location="query")
@blp.response(200, ImportSchema)
def import_fhir(wanted: dict[str, Any]) -> dict[str, Any]:
    """Import a chunk of FHIR R4 NDJSON (application/fhir+ndjson), one resource per line, in one transaction."""
    if request.mimetype not in MEDIA_TYPES:
        raise UnsupportedMedia(
            "unsupported-media-type", f"This route reads NDJSON. Send Content-Type: {MEDIA_TYPES[0]}."
        )
    results = import_chunk(current_uow(), request.get_data(cache=True), wanted["first_line"])
    counts = Counter(result.outcome for result in results)
    return {"counts": {str(outcome): counts[outcome] for outcome in Outcome}, "lines": results}
