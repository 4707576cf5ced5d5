"""What the SMS provider reports: delivery, and replies of patients."""
