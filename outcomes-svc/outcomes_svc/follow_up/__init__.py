"""Follow-up: which questions a patient gets when, and how many of them are answered."""
