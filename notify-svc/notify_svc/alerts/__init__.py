"""Alerts: a person is told at once that an answer needs their attention."""
