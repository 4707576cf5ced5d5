"""Sealing of what identifies a person, at rest and in events."""
