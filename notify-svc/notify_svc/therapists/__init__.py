"""Therapists as notify-svc knows them: how to reach them."""
