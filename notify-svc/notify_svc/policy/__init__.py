"""How a practice wants to message: its name, reminder leads, quiet hours, delays and limits."""
