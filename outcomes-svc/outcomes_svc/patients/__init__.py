"""Patients as results see them: what was true of them when treatment began."""
