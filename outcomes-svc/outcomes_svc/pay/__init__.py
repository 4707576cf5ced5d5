"""Pay: versioned plans, monthly statements that are bytes, corrections, exports and replay."""
