"""Questionnaires: wording that a practice imports as FHIR and that is bound to the items of instruments."""
