"""Therapist days: driving, insertion, publication."""
