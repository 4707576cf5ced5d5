"""The day goes wrong: what happened, the plan that keeps what can be kept, live times, and who is told."""
