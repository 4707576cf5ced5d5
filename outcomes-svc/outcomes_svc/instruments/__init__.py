"""Instruments: what may be measured, as versioned data, and which one is primary for a condition."""
