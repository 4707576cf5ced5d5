"""Assessments: what a patient is asked, and the answers that come back."""
