"""What a patient says and signs before the first visit, and what that means for treatment."""
