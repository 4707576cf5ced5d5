"""Whom the practice may message, on which channel, and who asked not to be."""
