"""What was achieved: per episode, therapist, location and practice, with how much of it is known beside it."""
