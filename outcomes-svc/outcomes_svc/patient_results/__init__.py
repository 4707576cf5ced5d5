"""What a patient is told of their scores, in plain words and charts: for the patient and those who treat them."""
