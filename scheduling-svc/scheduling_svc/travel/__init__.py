"""How long drives take: estimated, calibrated by a practice's own drives, or asked of a routing engine."""
