"""Findings: input that came to no score, under a name and in a list, so that nothing vanishes."""
