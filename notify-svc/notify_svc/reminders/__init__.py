"""Reminders of visits: planned when a visit is booked, gone when it is."""
