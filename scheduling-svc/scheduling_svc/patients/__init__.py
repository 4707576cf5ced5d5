"""What scheduling knows of patients: a sealed projection and the verdict on treating them."""
