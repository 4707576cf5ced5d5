"""What is raised when instrument data cannot be used."""

from __future__ import annotations


class InstrumentDataError(ValueError):
    """A data file cannot be used; the message names the file, the field and what is wrong."""
