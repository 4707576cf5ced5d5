"""The dispatcher is warned before a promise to a patient breaks."""
