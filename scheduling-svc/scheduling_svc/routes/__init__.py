"""A therapist's day on a phone: the page behind a signed link, what is done on it, and the calendar file."""
