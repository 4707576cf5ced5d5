"""Shapes of the audit trail on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import IdField, InstantField


class AuditQuerySchema(PageQuerySchema):
    """Which entries to list."""

    patient_id = IdField(load_default=None)
    subject = IdField(load_default=None, metadata={"description": "whose accesses"})


class AuditEntrySchema(Schema):
    """One access to clinical data."""

    id = fields.String(required=True)
    at = InstantField(required=True)
    subject = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    action = fields.String(required=True)
    resource = fields.String(required=True)
    resource_id = fields.String(required=True, allow_none=True)
    patient_id = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True, metadata={"description": "how many resources of the kind"})


class FindingSchema(Schema):
    """One fault of the chain; position 0 is outside of it."""

    fault = fields.String(required=True)
    position = fields.Integer(required=True)
    entry_id = fields.String(required=True, allow_none=True)


class VerificationSchema(Schema):
    """Whether the trail is as it was written; at most the first 100 faults."""

    intact = fields.Boolean(required=True)
    chained = fields.Integer(required=True)
    pending = fields.Integer(required=True, metadata={"description": "entries that the worker has still to chain"})
    findings = fields.List(fields.Nested(FindingSchema), required=True)
