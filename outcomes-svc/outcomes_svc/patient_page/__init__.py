"""The page on which a patient answers, behind a signed link."""
