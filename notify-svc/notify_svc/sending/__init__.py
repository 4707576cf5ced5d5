"""Handing messages to providers, once each, whatever is killed meanwhile."""
