"""Disputes: a therapist says that a statement is wrong, a person decides, and the next statement settles it."""
