"""Alerts: answers that a person must look at, until somebody says that they did."""
