"""Licences: what a practice may score and show of instruments that belong to somebody."""
