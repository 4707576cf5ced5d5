"""Workforce, booking and routing of mobile therapists."""
