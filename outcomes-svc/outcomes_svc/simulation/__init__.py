"""Practices made up by a random generator, and what ways of paying do to them."""
