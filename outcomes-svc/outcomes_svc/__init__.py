"""Outcome scores and pay by results."""
