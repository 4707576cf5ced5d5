"""The waitlist: visits that a plan may place where they cost little."""
