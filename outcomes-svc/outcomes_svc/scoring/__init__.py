"""Scores: from answers to a number or a refusal by name, and from two numbers to a judged change."""
