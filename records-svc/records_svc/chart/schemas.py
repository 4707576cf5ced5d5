"""Shapes of chart entries on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields


class CodeSchema(Schema):
    """A coded meaning."""

    system = fields.String(required=True, allow_none=True, metadata={"description": "FHIR URI of the code system"})
    code = fields.String(required=True, allow_none=True)
    display = fields.String(required=True)


class ChartEntrySchema(Schema):
    """What every entry has."""

    id = fields.String(required=True)
    patient_id = fields.String(required=True)
    code = fields.Nested(CodeSchema, required=True)


class ConditionSchema(ChartEntrySchema):
    """A diagnosis or problem."""

    clinical_status = fields.String(required=True)
    verification_status = fields.String(required=True)
    since = fields.Date(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)


class MedicationSchema(ChartEntrySchema):
    """An order for a drug."""

    status = fields.String(required=True)
    intent = fields.String(required=True)
    authored_on = fields.Date(required=True, allow_none=True)
    requester_id = fields.String(required=True, allow_none=True)


class AllergySchema(ChartEntrySchema):
    """An allergy or intolerance."""

    clinical_status = fields.String(required=True)
    verification_status = fields.String(required=True)
    categories = fields.List(fields.String(), required=True)
    criticality = fields.String(required=True, allow_none=True)
    recorded_on = fields.Date(required=True, allow_none=True)


class PractitionerSchema(Schema):
    """Who treats or prescribes elsewhere."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    npi = fields.String(required=True, allow_none=True)
    active = fields.Boolean(required=True)


class OrganizationSchema(Schema):
    """Where they do so."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, allow_none=True)
    active = fields.Boolean(required=True)
