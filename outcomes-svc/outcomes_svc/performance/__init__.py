"""How a therapist's results compare with what was to be expected of the same patients."""
