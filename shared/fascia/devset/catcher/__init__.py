"""A stand-in for a mail relay and for an SMS provider: what the suite sends stays on this machine and can be read."""
