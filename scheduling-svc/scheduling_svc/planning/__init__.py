"""Plans of days: which therapist makes which visits, in which order."""
