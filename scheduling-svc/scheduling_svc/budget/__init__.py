"""The visits that a claim allows, reserved and used: one document per claim."""
