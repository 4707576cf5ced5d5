"""SMS and email to patients and therapists."""
